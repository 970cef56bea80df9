/**
 * Concord beside vdirsyncer: one real CalDAV server (Radicale), the same events, the same distance, one run. Both are programs that
 * start, work and end, so start-up and their own memory on disk are in their seconds. Concord's near side is a Directus on loopback,
 * which is counted by itself; vdirsyncer's a folder with the objects that Concord made of it, so that all write the same bytes.
 * `calls` and `kib` are what crossed to the calendar server.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { calendarMember, type CalendarMember } from '../real/servers/calendar-member.ts';
import { PackagesUnreachable } from '../real/servers/packages.ts';
import { startRadicale } from '../real/servers/radicale.ts';
import { rounded, type Print } from './figures.ts';
import { delayProxy, type DelayProxy, type Traffic } from './peers/delay-proxy.ts';
import { floorOf } from './peers/floor.ts';
import { buildConcord, concordPeer, ensureVdirsyncer, vdirsyncerPeer, type Account, type Peer } from './peers/tools.ts';

const bench = 'peers';
const events = 1000;
const latenciesMs = [0, 20, 100];
const shortRounds = 5; // odd, for a median that was measured
const changed = 10;

interface Place {
  readonly print: Print;
  readonly proxy: DelayProxy;
  readonly account: Account;
  readonly member: CalendarMember;
  readonly vdirsyncer: string;
}

interface Measured {
  readonly seconds: number;
  readonly far: Traffic;
  readonly near: Traffic;
}

type Pair = { readonly concord: Measured; readonly vdirsyncer: Measured };

export default async function peersBench(print: Print): Promise<void> {
  const servers = await started();
  if (servers === undefined) return;
  const { radicale, vdirsyncer } = servers;
  const proxy = await delayProxy({ wait: delay }, new URL(radicale.homeUrl).origin);
  try {
    const account = { homeUrl: `${proxy.origin}${new URL(radicale.homeUrl).pathname}`, username: radicale.username, password: radicale.password };
    const place = { print, proxy, account, member: calendarMember(account), vdirsyncer };
    let last: readonly Peer[] = [];
    for (const latencyMs of latenciesMs) {
      await closeAll(last);
      last = await firstSync(place, latencyMs);
    }
    proxy.setLatency(0);
    await shortCases(place, last);
    await closeAll(last);
  } finally {
    await proxy.close();
    await radicale.stop();
  }
}

async function started() {
  try {
    const vdirsyncer = await ensureVdirsyncer();
    await buildConcord();
    return { vdirsyncer, radicale: await startRadicale() };
  } catch (error) {
    if (!(error instanceof PackagesUnreachable)) throw error;
    process.stderr.write(`SKIPPED: peers: ${error.message}\n`);
    return undefined;
  }
}

const closeAll = (peers: readonly Peer[]) => Promise.all(peers.map((peer) => peer.close()));

/** @returns the two tools, each with its full calendar. */
async function firstSync(place: Place, latencyMs: number): Promise<readonly Peer[]> {
  const { proxy, account, member, print } = place;
  const name = `first-sync-${latencyMs}ms`;
  const calendarOf = (tool: string) => `${tool}-${latencyMs}`;
  proxy.setLatency(0);
  for (const tool of ['concord', 'vdirsyncer']) await member.makeCalendar(calendarOf(tool));
  const concord = await concordPeer(account, { calendar: calendarOf('concord'), events });
  proxy.setLatency(latencyMs);
  const ours = await measured(proxy, concord);
  proxy.setLatency(0);
  const objects = await objectsIn(place, calendarOf('concord'));
  const vdirsyncer = await vdirsyncerPeer(place.vdirsyncer, account, { calendar: calendarOf('vdirsyncer'), objects });
  proxy.setLatency(latencyMs);
  const floor = await floorOf(member, account, { name, texts: objects }); // between the two: the machine is as busy as it was for them
  const pair = { concord: ours, vdirsyncer: await measured(proxy, vdirsyncer) };
  proxy.setLatency(0);
  const arrived = await objectsIn(place, calendarOf('vdirsyncer'));
  if (objects.length !== events || arrived.length !== events) throw new Error(`${name}: ${objects.length} and ${arrived.length} of ${events} events arrived`);
  tell(print, name, pair);
  print({ bench, case: name, figure: 'floor_seconds', value: rounded(floor.seconds), unit: 's' });
  print({ bench, case: name, figure: 'floor_parallel', value: floor.parallel, unit: 'calls' });
  print({ bench, case: name, figure: 'concord_over_floor', value: rounded(pair.concord.seconds / floor.seconds), unit: 'x' });
  return [concord, vdirsyncer];
}

async function shortCases({ print, proxy }: Place, peers: readonly Peer[]): Promise<void> {
  for (let n = 0; n < 2; n += 1) for (const peer of peers) await peer.sync();
  tell(print, 'idle', await medians(proxy, peers, () => undefined));
  tell(print, 'ten-changes', await medians(proxy, peers, (peer, round) => peer.change(changed, `Moved ${round}`)));
}

/** The tools take turns, so that a busy minute of the machine meets both. */
async function medians(proxy: DelayProxy, peers: readonly Peer[], before: (peer: Peer, round: number) => void): Promise<Pair> {
  const found: Record<Peer['name'], Measured[]> = { concord: [], vdirsyncer: [] };
  for (let round = 1; round <= shortRounds; round += 1) {
    for (const peer of peers) {
      before(peer, round);
      found[peer.name].push(await measured(proxy, peer));
    }
  }
  return { concord: median(found.concord), vdirsyncer: median(found.vdirsyncer) };
}

function median(rounds: readonly Measured[]): Measured {
  const middle = rounds.toSorted((a, b) => a.seconds - b.seconds)[(rounds.length - 1) / 2];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}

async function measured(proxy: DelayProxy, peer: Peer): Promise<Measured> {
  proxy.take();
  peer.takeNear();
  const startedAt = performance.now();
  await peer.sync();
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, far: proxy.take(), near: peer.takeNear() };
}

async function objectsIn({ member, account }: Place, calendar: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const url of await member.list(`${account.homeUrl}${calendar}/`)) texts.push((await member.read(url)) ?? '');
  return texts;
}

function tell(print: Print, name: string, { concord, vdirsyncer }: Pair): void {
  const say = (figure: string, value: number, unit: string) => print({ bench, case: name, figure, value, unit });
  say('seconds_ratio', rounded(vdirsyncer.seconds / concord.seconds), 'x');
  for (const [tool, { seconds, far }] of Object.entries({ concord, vdirsyncer })) {
    say(`${tool}_seconds`, rounded(seconds), 's');
    say(tool === 'concord' ? 'calls' : `${tool}_calls`, far.calls, 'calls');
    say(tool === 'concord' ? 'kib' : `${tool}_kib`, rounded(far.kib, 1), 'KiB');
  }
  say('concord_directus_calls', concord.near.calls, 'calls');
  say('concord_directus_kib', rounded(concord.near.kib, 1), 'KiB');
}
