/**
 * `npm start`: everything at once, for a first look and for one machine. Without any configuration it brings an invented world to
 * life and syncs that; with one it runs the real connectors. Either way it goes on until it is stopped, and says over HTTP how
 * things stand.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../shared/base/config.ts';
import { ConcordError, ConfigurationInvalid } from '../../shared/base/errors.ts';
import type { Log } from '../../shared/base/log.ts';
import { nextEvents, type AgendaLine } from '../../shared/hub/agenda.ts';
import { localApi, localSecrets } from '../../shared/hub/api/local-api.ts';
import { signToken } from '../../shared/hub/api/sign-in.ts';
import { entriesBegun, type CatalogEntry } from '../../shared/hub/catalog.ts';
import { credentialStore } from '../../shared/hub/credentials.ts';
import { serveLocally } from '../../shared/hub/http-local.ts';
import { localHub, type LocalHub } from '../../shared/hub/local.ts';
import { localHost, type LocalHost } from '../../shared/hub/local-host.ts';
import type { SampleWorlds } from '../../shared/hub/sample-worlds.ts';
import type { RunReport } from '../../shared/sync/report.ts';
import { addJson, configFolderOf, configOf, logOf, printJson, wholeConfigOf, type Context, type Json } from '../context.ts';
import { tellError } from '../failure.ts';
import { planText, reportText } from '../print.ts';
import { needsSignIn } from './run.ts';

const sampleEveryMs = 15_000;
const shownEvents = 5;
const pausedWaitMs = 15 * 60_000;
const tokenMs = 24 * 3_600_000;

interface Start {
  readonly context: Context;
  readonly config: Config;
  readonly hub: LocalHub;
  readonly host: LocalHost;
  readonly entries: readonly CatalogEntry[];
  readonly sample: SampleWorlds | undefined;
  readonly isJson: boolean;
}

export function addStart(program: Command, context: Context): void {
  const command = program
    .command('start')
    .description('keep all configured connectors in step and serve their status; without configuration: a sample world')
    .action(({ json }: Json) => startAll(context, json === true));
  addJson(command);
}

async function startAll(context: Context, isJson: boolean): Promise<void> {
  const given = await wholeConfigOf(context);
  const entries = entriesBegun(given.variables);
  // Loaded where they are wanted: whoever brings systems of his own starts without simulators.
  const sample = entries.length === 0 ? (await import('../../shared/hub/sample-worlds.ts')).sampleWorlds(context.clock) : undefined;
  const config = sample === undefined ? given : sampleConfig(given, sample);
  const { clock, stops } = context;
  const log = logOf(context, config);
  const hub = localHub({
    config,
    clock,
    log,
    ...(sample === undefined ? { configFolder: configFolderOf(context), secrets: credentialStore(configOf(context)) } : { fetch: sample.fetch }),
  });
  const heard = (report: RunReport): void => tell(context, report, isJson);
  const host = localHost({ hub, clock, log, heard, signal: stops.signal });
  try {
    await keepGoing({ context, config, hub, host, entries: sample === undefined ? entries : entriesBegun(config.variables), sample, isJson }, log);
  } finally {
    await host.idle();
    hub.close();
  }
}

/** The sample has a state of its own, begun anew each time: what it forgets with the process must not be missed afterwards. */
function sampleConfig(given: Config, sample: SampleWorlds): Config {
  const statePath = given.statePath === ':memory:' ? given.statePath : join(given.statePath, 'sample');
  if (statePath !== ':memory:') rmSync(statePath, { recursive: true, force: true });
  return { ...given, statePath, variables: { ...given.variables, ...sample.variables } };
}

async function keepGoing(starting: Start, log: Log): Promise<void> {
  const { context: { clock, out }, context, config, hub, host, entries, sample, isJson } = starting;
  const { variables } = config;
  const rhythms = new Map<string, number>();
  for (const entry of entries) rhythms.set(entry.id, sample === undefined ? (await hub.connector(entry.id)).everyMinutes * 60_000 : sampleEveryMs);
  const token = await signToken(localSecrets(hub, variables).jwtSecret, { roles: ['admin'], name: 'npm start', nowMs: clock.now(), forMs: tokenMs });
  const http = await serveLocally(localApi({ hub, host, clock, log, variables }), config.port);
  try {
    if (isJson) printJson(context, { url: http.url, token, sample: sample !== undefined, connectors: entries.map(({ id }) => id) });
    else if (sample) out(`Nothing is configured, so this is an invented world: ${sample.systems.map(({ name }) => name).join(', ')}, simulated in this process.\n\n`);
    if (sample) await firstLook(starting);
    if (!isJson) out(`\n${whatToTry(starting, { url: http.url, port: http.port, token })}\n\n`);
    await Promise.all(entries.map((entry) => runInRhythm(starting, entry, rhythms.get(entry.id) ?? sampleEveryMs)));
  } finally {
    await http.close();
  }
}

/** What it did, what the calendar holds now, and what it would do next. */
async function firstLook({ context, hub, host, entries, sample, isJson }: Start): Promise<void> {
  for (const entry of entries) {
    const report = await host.inTurn(entry.id, () => hub.run(entry.id, { signal: context.stops.signal }));
    if (isJson) {
      printJson(context, report);
      continue;
    }
    const events = await nextEvents(await hub.connector(entry.id), context.clock.now(), shownEvents);
    const agenda = events.length > 0 ? `\nThe next events in ${entry.sides.target}:\n${agendaText(events)}\n` : '';
    context.out(`${reportText(report)}\n${agenda}`);
    context.out(`\nNow ${sample?.change(entry.id)}. What the next run would do:\n${planText(await hub.run(entry.id, { dry: true }), entry)}\n\n`);
  }
}

async function runInRhythm(starting: Start, entry: CatalogEntry, everyMs: number): Promise<void> {
  const { context: { clock, stops }, sample } = starting;
  // The sample has just shown its first run, and the change that its next one brings over.
  let waitMs = sample === undefined ? 0 : everyMs;
  for (let round = 1; await slept(starting, waitMs); round += 1) {
    const startedAt = clock.now();
    if (sample && round > 1 && !starting.isJson) starting.context.out(`\nMeanwhile ${sample.change(entry.id)}.\n`);
    else if (sample && round > 1) sample.change(entry.id);
    const isPaused = await oneRun(starting, entry);
    if (stops.signal.aborted) return;
    waitMs = Math.max(0, startedAt + (isPaused ? Math.max(everyMs, pausedWaitMs) : everyMs) - clock.now());
  }
}

/** @returns whether it has to wait for sign-in or quota. */
async function oneRun({ context, hub, host, isJson }: Start, entry: CatalogEntry): Promise<boolean> {
  try {
    const report = await host.inTurn(entry.id, () => hub.run(entry.id, { signal: context.stops.signal }));
    tell(context, report, isJson);
    return needsSignIn(report);
  } catch (error) {
    if (context.stops.signal.aborted) return false;
    if (!(error instanceof ConcordError) || error instanceof ConfigurationInvalid) throw error;
    tellError(context, error, isJson);
    return false;
  }
}

function tell(context: Context, report: RunReport, isJson: boolean): void {
  if (isJson) printJson(context, report);
  else context.out(`${reportText(report)}\n`);
}

/** @returns false once we are asked to stop. */
async function slept({ context: { clock, stops } }: Start, ms: number): Promise<boolean> {
  try {
    await clock.sleep(ms, stops.signal);
  } catch (error) {
    if (!stops.signal.aborted) throw error;
  }
  return !stops.signal.aborted;
}

function whatToTry({ config, sample, entries }: Start, http: { url: string; port: number; token: string }): string {
  const moved = config.port !== 0 && http.port !== config.port ? ` (port ${config.port} is taken)` : '';
  const lines = [
    `It goes on ${sample === undefined ? 'in the rhythm of each connector' : `every ${sampleEveryMs / 1000} s`} until Ctrl-C. To try meanwhile, in another terminal${moved}:`,
    `  curl ${http.url}/health`,
    `  curl -H 'Authorization: Bearer ${http.token}' ${http.url}/api/sync/status`,
  ];
  if (sample === undefined) return [...lines, '  npx concord status'].join('\n');
  const state = config.statePath === ':memory:' ? [] : [`  CONCORD_STATE=${config.statePath} npx concord explain 1`];
  return [...lines, ...state, `Your own systems: copy .env.example to .env, fill it in, then npx concord plan ${entries[0]?.id ?? ''}`].join('\n');
}

const when = ({ start }: AgendaLine): string => start.replace('T', ' ').replace(/:00(?:\.000)?Z$/, ' UTC');

function agendaText(events: readonly AgendaLine[]): string {
  if (events.length === 0) return '  (none)';
  const whenWidth = Math.max(...events.map((event) => when(event).length));
  const titleWidth = Math.max(...events.map(({ title }) => title.length));
  return events.map((event) => `  ${when(event).padEnd(whenWidth)}  ${event.title.padEnd(titleWidth)}  ${event.location}`.trimEnd()).join('\n');
}
