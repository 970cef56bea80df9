/**
 * A plan that is held stays so until a person has answered. A run that found nothing new must not look as if all were well, and
 * `plan` has to show what a person is asked about.
 */
import type { RunReport } from '../sync/report.ts';
import { heldPlans, type Memory } from './memory.ts';

const shownChanges = 200; // as in every report

export async function withStandingPlans(remembered: Memory, report: RunReport): Promise<RunReport> {
  if (report.state !== 'finished' || report.held.length > 0) return report;
  const standing = await heldPlans(remembered);
  if (standing.length === 0) return report;
  const changes = standing.flatMap((plan) => plan.lines);
  return { ...report, state: 'held', held: standing.flatMap((plan) => plan.held), changes: [...report.changes, ...changes].slice(0, shownChanges), planned: report.planned + changes.length };
}
