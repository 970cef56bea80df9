/**
 * How fast the server itself takes new events: bare PUTs over kept connections, as many at once as serves it best. The objects are
 * those that the tools wrote, byte for byte: a server reads each line of them. Nobody who writes them over the same distance can be faster.
 */
import { Agent, request } from 'node:http';
import pLimit from 'p-limit';
import type { CalendarMember } from '../../real/servers/calendar-member.ts';
import type { Account } from './tools.ts';

export interface Floor {
  readonly seconds: number;
  readonly parallel: number;
}

const candidates = [1, 2, 4, 8, 16];
const probeEvents = 64;

export async function floorOf(member: CalendarMember, account: Account, facts: { readonly name: string; readonly texts: readonly string[] }): Promise<Floor> {
  const { texts } = facts;
  const probes: Floor[] = [];
  for (const parallel of candidates) {
    const calendar = await member.makeCalendar(`${facts.name}-probe-${parallel}`);
    probes.push({ parallel, seconds: await putAll(account, calendar, { texts: texts.slice(0, probeEvents), parallel }) });
  }
  const [best] = probes.sort((a, b) => a.seconds - b.seconds);
  if (best === undefined) throw new Error('no way of writing was tried');
  const calendar = await member.makeCalendar(`${facts.name}-floor`);
  return { parallel: best.parallel, seconds: await putAll(account, calendar, { texts, parallel: best.parallel }) };
}

async function putAll(account: Account, calendar: string, work: { readonly texts: readonly string[]; readonly parallel: number }): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: work.parallel });
  const inLine = pLimit(work.parallel);
  const startedAt = performance.now();
  await Promise.all(work.texts.map((text, at) => inLine(() => put(agent, account, { url: `${calendar}floor-${at + 1}.ics`, text }))));
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return seconds;
}

async function put(agent: Agent, account: Account, object: { readonly url: string; readonly text: string }): Promise<void> {
  const headers = {
    authorization: `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`,
    'content-type': 'text/calendar; charset=utf-8',
    'content-length': Buffer.byteLength(object.text),
    'if-none-match': '*',
  };
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request(object.url, { agent, method: 'PUT', headers }, (answer) => {
      answer.once('end', () => resolve(answer.statusCode));
      answer.resume();
    });
    asked.once('error', reject);
    asked.end(object.text);
  });
  if (status !== 201 && status !== 204) throw new Error(`the server answered a bare PUT with ${status}`);
}
