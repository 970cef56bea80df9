/**
 * What a fault of AWS means to the person who has to mend it. Only faults of the surroundings are named here: a request that we made
 * wrongly passes through as it is. Names of exceptions: the services' API references, read 2026-11; confirmed where an emulator says them.
 */
import { StoreUnavailable } from '../base/errors.ts';

/** Runs `work`; what AWS refuses or does not answer comes out as StoreUnavailable, everything else as it is. */
export async function sayingWhatToDoOnAws<T>(store: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const known = troubleOf(error);
    if (known === undefined) throw error;
    throw new StoreUnavailable({ store, ...known }, { cause: error });
  }
}

interface Trouble {
  readonly problem: string;
  readonly advice: string;
}

const throttled: Trouble = { problem: 'is asked more than it allows', advice: 'nothing to do: it goes on by itself' };
const notAllowed: Trouble = { problem: 'refuses our credentials or lacks a permission', advice: "look at the function's role, and deploy the stack again if it was changed by hand" };
const missing: Trouble = { problem: 'does not exist', advice: 'deploy the stack, or look at the names in its environment' };
const silent: Trouble = { problem: 'does not answer', advice: 'nothing to do if it is brief; else look at the health of the region, and at the network if functions are in a VPC' };

const troubles = new Map<string, Trouble>([
  ['ThrottlingException', throttled],
  ['ThrottlingError', throttled],
  ['Throttling', throttled],
  ['RequestThrottled', throttled],
  ['ProvisionedThroughputExceededException', throttled],
  ['RequestLimitExceeded', throttled],
  ['TransactionConflictException', throttled],
  ['TransactionInProgressException', throttled],
  ['LimitExceededException', throttled],
  ['AccessDeniedException', notAllowed],
  ['AccessDenied', notAllowed],
  ['UnrecognizedClientException', notAllowed],
  ['InvalidSignatureException', notAllowed],
  ['ExpiredTokenException', notAllowed],
  ['CredentialsProviderError', notAllowed],
  ['ResourceNotFoundException', missing],
  ['QueueDoesNotExist', missing],
  ['InternalServerError', silent],
  ['InternalServiceError', silent],
  ['ServiceUnavailable', silent],
  ['TimeoutError', silent],
]);
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH']);

function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined;
  const known = troubles.get(error.name);
  if (known !== undefined) return known;
  if ('code' in error && typeof error.code === 'string' && networkCodes.has(error.code)) return silent;
  return (statusOf(error) ?? 0) >= 500 ? silent : undefined;
}

function statusOf(error: Error): number | undefined {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const isAnswered = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata;
  return isAnswered && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
