/**
 * An error on its way out: told in words that help, and turned into the exit code that scripts rely on.
 */
import { AnotherRunActive, ConcordError, ConfigurationInvalid, ConnectorPaused, VendorSignInFailed } from '../shared/base/errors.ts';
import { adviceFor } from '../shared/base/help.ts';
import { printJson, type Context } from './context.ts';
import { HubRefused } from './remote-calls.ts';

export function codeOf(error: unknown): number {
  if (error instanceof ConfigurationInvalid) return 2;
  if (error instanceof VendorSignInFailed || error instanceof ConnectorPaused) return 5;
  if (error instanceof AnotherRunActive) return 7;
  return error instanceof HubRefused ? (codesElsewhere[error.code] ?? 1) : 1;
}

/** What a deployed hub said, by its code. */
const codesElsewhere: { readonly [code: string]: number } = { E_SIGN_IN_HERE: 5, E_ROLE: 5, E_SIGN_IN: 5, E_PAUSED: 5, E_RUNNING: 7, E_UNDERWAY: 7 };

/** With `--json` the document goes to stdout; in any case a person reads it on stderr. */
export function tellError(context: Context, error: unknown, isJson: boolean): void {
  if (!(error instanceof ConcordError)) {
    context.err(`Unexpected error, please report it:\n${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}\n`);
    if (isJson) printJson(context, { error: { code: 'E_UNEXPECTED', message: 'unexpected error; see stderr' } });
    return;
  }
  const advice = adviceOf(error);
  const problems = error instanceof ConfigurationInvalid ? error.problems : undefined;
  const lines = problems === undefined ? [error.message] : ['This does not work as it stands:', ...problems.map((problem) => `  ${problem}`)];
  context.err(`${lines.join('\n')}\n${advice === undefined ? '' : `-> ${advice}\n`}`);
  if (isJson) printJson(context, { error: { code: error.code, message: error.message, problems, advice } });
}

function adviceOf(error: ConcordError): string | undefined {
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : undefined;
  return adviceFor(error.code, reason, error instanceof ConfigurationInvalid ? error.problems : undefined);
}
