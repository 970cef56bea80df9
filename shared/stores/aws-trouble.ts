/**
 * What a fault of an AWS service means to the person who has to mend it. The SDK has already tried again, with its own backoff,
 * what could pass; what arrives here has lasted longer than that. An error that we made ourselves passes through as it is.
 * Names of the faults: the services' API references (common errors, and those of DynamoDB, SQS and Secrets Manager; likely complete).
 */
import { StoreUnavailable } from '../base/errors.ts';

/** Runs `work`; what the service refuses comes out as StoreUnavailable, everything else as it is. */
export async function sayingWhatAwsSaid<T>(store: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const known = troubleOf(error);
    if (known === undefined) throw error;
    throw new StoreUnavailable({ store, ...known }, { cause: error });
  }
}

/** The name of a service's fault; undefined for what is no fault of a service. */
export function faultOf(error: unknown): string | undefined {
  return error instanceof Error && '$metadata' in error ? error.name : undefined;
}

interface Trouble {
  readonly problem: string;
  readonly advice: string;
}

const busy: Trouble = { problem: 'asks for fewer requests', advice: 'wait a little; the work goes on where it stopped' };
const down: Trouble = { problem: 'cannot be reached or fails by itself', advice: 'look at the AWS health page; the work goes on where it stopped' };
const notAllowed: Trouble = { problem: 'may not be used with these credentials', advice: 'check the role\'s policy, and the key if it is encrypted with one' };
const missing: Trouble = { problem: 'does not exist in this account and region', advice: 'deploy first, or check the name, account and region' };

const troubleByName = new Map<string, Trouble>([
  ['ProvisionedThroughputExceededException', busy],
  ['ThrottlingException', busy],
  ['RequestLimitExceeded', busy],
  ['RequestThrottled', busy],
  ['KmsThrottled', busy],
  ['TransactionInProgressException', busy],
  ['TransactionConflictException', busy],
  ['LimitExceededException', busy],
  ['AccessDeniedException', notAllowed],
  ['AccessDenied', notAllowed],
  ['KmsAccessDenied', notAllowed],
  ['DecryptionFailure', notAllowed],
  ['UnrecognizedClientException', notAllowed],
  ['InvalidClientTokenId', notAllowed],
  ['ExpiredTokenException', notAllowed],
  ['CredentialsProviderError', notAllowed],
  ['ResourceNotFoundException', missing],
  ['QueueDoesNotExist', missing],
  ['AWS.SimpleQueueService.NonExistentQueue', missing],
  ['TimeoutError', down],
]);
const connectionFaults = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);

function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined;
  const named = troubleByName.get(error.name);
  if (named !== undefined) return named;
  if ('code' in error && typeof error.code === 'string' && connectionFaults.has(error.code)) return down;
  return '$fault' in error && error.$fault === 'server' ? down : undefined;
}
