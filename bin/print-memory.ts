/**
 * The text forms of what is remembered and of what `doctor` finds out. Pure: data in, text out.
 */
import type { Check } from '../shared/hub/checks.ts';
import type { Explanation } from '../shared/hub/explain.ts';
import type { ConnectorStatus } from '../shared/hub/status.ts';

export function statusText(all: readonly ConnectorStatus[]): string {
  return all.flatMap(oneStatus).join('\n');
}

function oneStatus(status: ConnectorStatus): string[] {
  const { connector, title, state, lastRun, open, dismissed, heldPlans, nextAttemptAt } = status;
  const lines = [`${connector}  ${state}  ${title}${status.configured ? '' : '  (not configured: concord doctor)'}`];
  if (lastRun) lines.push(`  last run   ${lastRun.run}  started ${lastRun.startedAt}${lastRun.endedAt === undefined ? '' : `, ended ${lastRun.endedAt}`}`);
  else lines.push(`  never ran  -> concord run ${connector}`);
  if (status.paused) lines.push(`  paused     since ${status.paused.since} by ${status.paused.by}${status.paused.why === '' ? '' : `: ${status.paused.why}`}  -> concord resume ${connector}`);
  for (const [stream, states] of Object.entries(open)) {
    const counts = Object.entries(states).map(([name, count]) => `${count} ${name}`);
    if (counts.length > 0) lines.push(`  open       ${stream}: ${counts.join(', ')}`);
  }
  if (dismissed > 0) lines.push(`             ${dismissed} of them seen and dismissed by a person`);
  if (nextAttemptAt !== undefined) lines.push(`  next try   ${nextAttemptAt}`);
  if (status.gaveUp) lines.push(`  gave up    ${status.gaveUp.count} since ${status.gaveUp.since}, about ${status.gaveUp.links} links  -> concord replay ${connector} --all`);
  for (const plan of heldPlans) {
    lines.push(`  held       plan ${plan.id}, ${plan.waiting} waiting since ${plan.at}  -> if it is meant: concord apply ${plan.id}`);
    for (const { stream, message } of plan.held) lines.push(`             ${stream}: ${message}`);
  }
  if (status.runsAgain) lines.push('  a run was asked for while one was under way; it follows with the next run');
  return lines;
}

export function explanationText(all: readonly Explanation[]): string {
  return all.map((one) => oneExplanation(one).join('\n')).join('\n\n');
}

function oneExplanation(one: Explanation): string[] {
  const lines = [
    `${one.connector}  ${one.stream}  ${one.state}${one.absent === undefined ? '' : `, agreed to be absent: ${one.absent}`}`,
    `  source   ${sideText(one.source)}`,
    `  target   ${sideText(one.target)}`,
    `  link     ${one.key}, ${one.origin}${one.agreedUnder === undefined ? ', never agreed' : `, agreed under ${one.agreedUnder}`}`,
  ];
  if (one.problem) lines.push(`  problem  ${one.problem.code}  ${one.problem.message}${one.attempts === undefined ? '' : `, ${one.attempts} tries`}`);
  if (one.nextAttemptAt !== undefined) lines.push(`  next     tried again at ${one.nextAttemptAt}`);
  if (one.conflict) lines.push(`  conflict ${one.conflict.code} since ${one.conflict.since}, in ${one.conflict.fields.join(', ')}`);
  for (const write of one.staged?.writes ?? []) {
    lines.push(`  staged   ${write.kind} in ${write.where}, ${write.reason}${write.fields.length > 0 ? `: ${write.fields.join(', ')}` : ''}; plan ${one.staged?.plan} is ${one.staged?.planState}`);
  }
  if (one.claimedUntil !== undefined) lines.push(`  claimed  until ${one.claimedUntil}`);
  for (const { at, outcome, what, where, why } of one.log) lines.push(`  ${at}  ${outcome} ${what}${where === undefined ? '' : ` in ${where}`}${why === undefined ? '' : `, ${why}`}`);
  return lines;
}

const sideText = ({ system, id, version }: Explanation['source']): string => `${system} ${id ?? '(none)'}${version === undefined ? '' : `  version ${version}`}`;

export function checksText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, ok, detail, advice }) => `${ok ? 'ok   ' : 'FAIL '} ${name.padEnd(width)}  ${detail}${advice === undefined ? '' : `\n      ${' '.repeat(width)}  -> ${advice}`}`);
  const failed = checks.filter(({ ok }) => !ok).length;
  return [...lines, failed === 0 ? 'Everything is fine.' : `${failed} of ${checks.length} checks failed.`].join('\n');
}
