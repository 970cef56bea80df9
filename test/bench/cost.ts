/**
 * What a month costs at list price: the handlers of the first connector on a metered table, with the sample systems grown to a thousand
 * events of ten fields. Metered are table units, invocations, vendor calls, messages and log bytes; a vendor's answer is taken to last 200 ms.
 *
 *   idle       five connectors at their default rhythms, each with a hundred items that never change (more of them: see unchanged). The
 *              other four are taken to cost a run what this one costs
 *   changed    one million changes in hourly runs of 200, 60 % updates, 30 % new, 10 % withdrawn; without what the idle month costs already
 *   unchanged  one million items that a run looked at and left alone, without what a run costs however many items there are
 */
import { catalog } from '../../shared/hub/catalog.ts';
import { cloudHub } from '../samples/cloud-hub.ts';
import { rounded, type Print } from './figures.ts';
import { meteredTable, type Spent } from './cost/metered-table.ts';
import { prices } from './cost/prices.ts';

const bench = 'cost';
const limits = { idle: 6.5, changed: 5, unchanged: 0.1 };
const million = 1_000_000;
const hoursPerMonth = 730;
/** Minutes: DESIGN's default rhythms of the five connectors. */
const rhythms = [60, 5, 60, 60, 15];
const runsPerMonth = rhythms.reduce((sum, minutes) => sum + hoursPerMonth * (60 / minutes), 0);

// What the stack sets (infra/), and what was measured of functions of this size.
// A cold start: the platform's own 200 ms, 100 to load our bundle, and a first call to the tables. With half the memory comes half the
// processor, so what is ours is taken to last twice as long there.
const plan = { memoryGb: 1, startMs: 350, ownMs: 60 };
const apply = { memoryGb: 0.5, startMs: 500, ownMs: 120 };
const vendorMs = 200;
const writesAtOnce = 6;
// An alarm is billed by the metrics it watches (infra/alarms.ts): one of each connector's for the oldest message and for failed runs,
// three functions' errors, and five that watch one.
const alarmMetrics = 2 * rhythms.length + 3 + 5;
const metricsInQuietMonth = 1; // the others are told when something happens, and billed for the hours in which they were
const polledQueues = rhythms.length + 1;
const pollsPerQueue = 0.65 * million; // an idle queue with a mapping, a month: the toolchain's figure
const secretsKept = rhythms.length + 1;

interface Metered {
  readonly reads: Spent;
  readonly writes: Spent;
  readonly bytes: number;
  readonly invocations: number;
  readonly gbSeconds: number;
  readonly messages: number;
  readonly logBytes: number;
}

type Items = { readonly [item: string]: number };

export default async function cost(print: Print): Promise<void> {
  const small = await world(100);
  const large = await world(1100);
  const idleSmall = await small.metered(() => small.hub.tick());
  const idleLarge = await large.metered(() => large.hub.tick());
  const changed = await large.metered(() => large.hour());
  const idle = { ...runItems(idleSmall, runsPerMonth), ...standing(idleLarge) };
  const perRun = (some: Metered): number => total(runItems(some, 1));
  const usd = {
    idle: total(idle),
    changed: ((perRun(changed) - perRun(idleLarge)) / large.changesPerHour) * million,
    unchanged: (Math.max(0, perRun(idleLarge) - perRun(idleSmall)) / 1000) * million,
  };
  for (const [item, value] of Object.entries(idle)) print({ bench, case: 'idle', figure: item, value: rounded(value, 3), unit: 'usd' });
  print({ bench, case: 'idle', figure: 'usd_per_month', value: rounded(usd.idle), unit: 'usd' });
  for (const [item, value] of Object.entries(runItems(changed, 1))) print({ bench, case: 'changed', figure: item, value: rounded((value / large.changesPerHour) * million, 3), unit: 'usd' });
  for (const kind of ['reads', 'writes'] as const) {
    for (const { what, units } of over(changed[kind], idleLarge[kind], large.changesPerHour)) print({ bench, case: 'changed', figure: `${kind}_${what}`, value: units, unit: 'units a change' });
  }
  print({ bench, case: 'changed', figure: 'usd_per_million', value: rounded(usd.changed), unit: 'usd' });
  print({ bench, case: 'unchanged', figure: 'usd_per_million', value: rounded(usd.unchanged, 3), unit: 'usd' });
  const tooDear = (['idle', 'changed', 'unchanged'] as const).filter((name) => usd[name] > limits[name]);
  if (tooDear.length > 0) throw new Error(`dearer than allowed: ${tooDear.map((name) => `${name} over ${limits[name]} USD`).join(', ')}`);
}

const sumOf = (spent: Spent): number => [...spent.values()].reduce((sum, units) => sum + units, 0);
const total = (items: Items): number => Object.values(items).reduce((sum, usd) => sum + usd, 0);

/** What a change spends over what an idle run does, the dearest first. */
function over(spent: Spent, idle: Spent, changes: number): readonly { readonly what: string; readonly units: number }[] {
  const each = [...spent].map(([what, units]) => ({ what, units: rounded((units - (idle.get(what) ?? 0)) / changes, 3) }));
  return each.filter(({ units }) => units > 0).sort((left, right) => right.units - left.units);
}

/** What so many runs like this one cost. */
function runItems({ reads, writes, invocations, gbSeconds, messages, logBytes }: Metered, runs: number): Items {
  return {
    lambda_requests: runs * invocations * prices.lambdaRequest,
    lambda_seconds: runs * gbSeconds * prices.lambdaGbSecond,
    table_reads: runs * sumOf(reads) * prices.dynamoRead,
    table_writes: runs * sumOf(writes) * prices.dynamoWrite,
    // Sent, handed out and deleted.
    messages: runs * messages * 3 * prices.sqsRequest,
    logs: (runs * logBytes * (prices.logGb + prices.logGbMonth)) / 1e9,
    traces: runs * invocations * prices.trace,
    schedules: runs * prices.schedulerCall,
  };
}

/** What there is to pay for every month, whatever happens. */
function standing({ bytes }: Metered): Items {
  const gb = (rhythms.length * bytes) / 1e9;
  return {
    polling: polledQueues * pollsPerQueue * prices.sqsRequest,
    secrets: secretsKept * prices.secretMonth + runsPerMonth * prices.secretCall, // read once a run: no two runs of a connector are nearer than a copy is kept
    alarms: alarmMetrics * prices.alarmMonth,
    metrics: metricsInQuietMonth * prices.metricMonth,
    storage: gb * (prices.dynamoGbMonth + prices.dynamoBackupGbMonth),
  };
}

function gbSecondsOf({ memoryGb, startMs, ownMs }: typeof plan, invocations: number, { reading, writing }: { readonly reading: number; readonly writing: number }): number {
  return (memoryGb * (invocations * (startMs + ownMs) + (reading + writing / writesAtOnce) * vendorMs)) / 1000;
}

/** A hub that has carried so many approved events to its calendar. */
async function world(events: number) {
  let table: ReturnType<typeof meteredTable> | undefined;
  const hub = cloudHub({ wrapTable: (plain) => (table = meteredTable(plain)) });
  const { directus } = hub.sample;
  let calls = { reading: 0, writing: 0 };
  const vendor = hub.parts.fetch;
  Object.assign(hub.parts, { fetch: (async (input, init) => {
    const isReading = ['GET', 'REPORT', 'PROPFIND'].includes(init?.method ?? 'GET');
    calls = { reading: calls.reading + (isReading ? 1 : 0), writing: calls.writing + (isReading ? 0 : 1) };
    return vendor(input, init);
  }) satisfies typeof fetch });

  const made: Parameters<typeof directus.events.edit>[0][] = [];
  for (let n = 0; n < events; n += 1) made.push(directus.events.add(anEvent(n)).id);
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 3; round += 1) {
      await hub.tick();
      await hub.applyAll();
      hub.clock.advance(3_600_000);
    }
  };
  await settle();

  async function metered(work: () => Promise<unknown>): Promise<Metered> {
    await settle();
    table?.reset();
    calls = { reading: 0, writing: 0 };
    hub.lines.length = 0;
    await work();
    const planned = gbSecondsOf(plan, 1, calls);
    const messages = hub.queue.size().visible;
    calls = { reading: 0, writing: 0 };
    const batches = await hub.applyAll();
    const units = table?.units() ?? { reads: new Map(), writes: new Map(), bytes: 0 };
    const invocations = 1 + batches.length;
    return {
      ...units, messages, invocations,
      gbSeconds: planned + gbSecondsOf(apply, batches.length, calls),
      // The platform's own lines for each invocation, and ours: from `info` on, as the functions are set (shared/hub/aws-environment.ts).
      logBytes: invocations * 400 + hub.lines.filter(({ level }) => level !== 'debug').reduce((sum, line) => sum + JSON.stringify(line).length + 100, 0),
    };
  }

  let round = 0;
  async function hour(): Promise<void> {
    round += 1;
    for (const id of made.slice(0, 120)) directus.events.edit(id, { title: `Moved ${round}` });
    for (let n = 0; n < 60; n += 1) directus.events.add(anEvent(10_000 * round + n));
    for (const id of made.slice(120, 140)) directus.events.edit(id, { approved: false });
    await hub.tick();
  }
  return { hub, metered, hour, changesPerHour: 200 };
}

const anEvent = (n: number) => ({
  approved: true, title: `Event ${n}`, start_date: startOf(n), end_date: startOf(n, 2), location: `Hall ${n}`, description: 'A text of some length that says what there is to do. '.repeat(3),
  category: 'sonstiges', cost: 'free', organizer: 'Invented neighbours', website: 'https://example.org/event',
});

const startOf = (n: number, hours = 0): string => new Date(Date.UTC(2027, 0, 1, 8 + hours) + (n % 300) * 86_400_000).toISOString();

/** The first connector stands for all: this ends the bench when there are more to meter. */
if (catalog.length > rhythms.length) throw new Error('more connectors than rhythms');
