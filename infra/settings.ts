/**
 * What a stage may choose, and what is refused before anything is built. The values stand in stages.ts. Pure data: no construct is made
 * here.
 */
import { about as directusNextcloud } from '../shared/connectors/directus-nextcloud/about.ts';
import { about as libcalPassagePoint } from '../shared/connectors/libcal-passagepoint/about.ts';
import { about as serviceReefNxt } from '../shared/connectors/servicereef-nxt/about.ts';
import { stagePattern } from '../shared/base/names.ts';

export interface StageSettings {
  /** Tables and secrets outlive the stack, and tables refuse to be deleted. */
  readonly keepsData: boolean;
  /** How long logs are kept; one of the values that CloudWatch knows. */
  readonly logDays: number;
  /** What is switched on, in any order. */
  readonly connectors: readonly ConnectorSettings[];
  /** Who is told by the alarms; without it they only show in the console. */
  readonly alarmEmail?: string | undefined;
  /** The functions live in this network; without it they reach the vendors over the internet. */
  readonly network?: NetworkSettings | undefined;
}

export interface ConnectorSettings {
  readonly id: string;
  readonly everyMinutes: number;
  /** IANA name. Only a rhythm of whole days is felt at a change of the clock. */
  readonly timeZone: string;
}

/** All of it exists already; nothing is looked up. It needs a way out to AWS: a NAT gateway, or endpoints for what the functions call. */
export interface NetworkSettings {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly availabilityZones: readonly string[];
  readonly securityGroupId: string;
  /** A folder with `ca.pem`: certificates of the campus, trusted besides the usual ones. */
  readonly caFolder?: string | undefined;
}

/** Those that this release can run in the cloud, each with the folder of its functions. */
export const knownConnectors: readonly string[] = [directusNextcloud.id, libcalPassagePoint.id, serviceReefNxt.id];

/**
 * Of these, those with a system that people sign in to by OAuth, as the catalog says (a test compares): only they may write their secret, and
 * have a function for signing in.
 */
export const oauthConnectors: readonly string[] = [serviceReefNxt.id];

const logDaysKnown = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** @throws an Error that lists everything that is wrong. */
export function checkedStage(name: string, stages: { readonly [stage: string]: StageSettings }): StageSettings {
  const settings = Object.hasOwn(stages, name) ? stages[name] : undefined;
  if (settings === undefined) throw new Error(`there is no stage ${name}; there is ${Object.keys(stages).join(', ')} (infra/stages.ts)`);
  const problems = problemsOf(name, settings);
  if (problems.length > 0) throw new Error(`stage ${name}: ${problems.join('; ')} (infra/stages.ts)`);
  return settings;
}

function problemsOf(name: string, { logDays, connectors, network }: StageSettings): string[] {
  const problems: string[] = [];
  if (!stagePattern.test(name)) problems.push('its name may have small letters and digits, at most 12');
  if (!logDaysKnown.includes(logDays)) problems.push(`logDays takes ${logDaysKnown.join(', ')}`);
  if (connectors.length === 0) problems.push('no connector is switched on');
  for (const { id, everyMinutes, timeZone } of connectors) {
    if (!knownConnectors.includes(id)) problems.push(`there is no connector ${id}; there is ${knownConnectors.join(', ')}`);
    if (connectors.filter((other) => other.id === id).length > 1) problems.push(`${id} stands there twice`);
    if (!Number.isSafeInteger(everyMinutes) || everyMinutes < 1 || everyMinutes > 24 * 60) problems.push(`${id}: everyMinutes takes 1 to 1440`);
    if (!isTimeZone(timeZone)) problems.push(`${id}: ${timeZone} is no time zone; write it like Europe/Berlin`);
  }
  if (network && network.subnetIds.length !== network.availabilityZones.length) problems.push('network: one availability zone for each subnet, in the same order');
  return problems;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
