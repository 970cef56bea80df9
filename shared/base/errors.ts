/**
 * Every situation that Concord can name, one small class each: a stable code, the data to act on, and one answer to the
 * question whether trying again can help. No message holds a token, a person's data or a vendor's whole answer.
 */

export abstract class ConcordError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The configuration or the command line is wrong; `problems` lists everything that is, not only the first. */
export class ConfigurationInvalid extends ConcordError {
  readonly code = 'E_CONFIG';
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`Configuration: ${problems.join('; ')}`, options);
    this.problems = problems;
  }
}

/** A row changed between our reading and our write. Read again, decide again. */
export class ConditionFailed extends ConcordError {
  readonly code = 'E_CONDITION';
  readonly retryable = true;
  /** Position in the group of the first write whose condition did not hold. */
  readonly failed: number;

  constructor(failed: number, options?: ErrorOptions) {
    super(`write ${failed} of the group found its row changed`, options);
    this.failed = failed;
  }
}

export class RowTooLarge extends ConcordError {
  readonly code = 'E_ROW_TOO_LARGE';
  readonly retryable = false;

  constructor(facts: { bytes: number; max: number }, options?: ErrorOptions) {
    super(`a row of ${facts.bytes} bytes is over the limit of ${facts.max}`, options);
  }
}

/**
 * Our own memory cannot be reached or written: the file is locked, broken, read-only, or the disk is full. Nothing of the group
 * in hand was stored. Trying again helps once the cause is gone; `advice` says what a person can do about it.
 */
export class StoreUnavailable extends ConcordError {
  readonly code = 'E_STORE';
  readonly retryable = true;
  readonly advice: string;

  constructor(facts: { store: string; problem: string; advice: string }, options?: ErrorOptions) {
    super(`${facts.store}: ${facts.problem}; ${facts.advice}`, options);
    this.advice = facts.advice;
  }
}

interface VendorFacts {
  /** The system's name as in the connector: `directus`, `nextcloud`. */
  readonly vendor: string;
  /** Method and path pattern, without ids that identify a person and without query values. */
  readonly call: string;
  readonly status?: number;
  /** The vendor's own code for it, when it gives one. */
  readonly reason?: string;
}

abstract class VendorError extends ConcordError {
  readonly vendor: string;
  readonly call: string;
  readonly status: number | undefined;
  readonly reason: string | undefined;

  constructor(what: string, facts: VendorFacts, options?: ErrorOptions) {
    const status = facts.status === undefined ? '' : ` (${facts.status}${facts.reason === undefined ? '' : ` ${facts.reason}`})`;
    super(`${facts.vendor} ${what} ${facts.call}${status}`, options);
    this.vendor = facts.vendor;
    this.call = facts.call;
    this.status = facts.status;
    this.reason = facts.reason;
  }
}

/**
 * The vendor understood the request and refused it: trying again changes nothing.
 * Not for expired tokens (VendorSignInFailed) or quotas (VendorRateLimited).
 */
export class VendorRejected extends VendorError {
  readonly code = 'E_VENDOR_REJECTED';
  readonly retryable = false;

  constructor(facts: VendorFacts, options?: ErrorOptions) {
    super('refused', facts, options);
  }
}

/** The credentials are not accepted. The connector pauses, keeps its work and goes on after sign-in; never retried by itself. */
export class VendorSignInFailed extends VendorError {
  readonly code = 'E_SIGN_IN';
  readonly retryable = false;

  constructor(facts: VendorFacts, options?: ErrorOptions) {
    super('did not accept our sign-in for', facts, options);
  }
}

/** Too many calls, even after the quick retries. `retryAt` (epoch ms) is what the vendor asked for, or our own caution. */
export class VendorRateLimited extends VendorError {
  readonly code = 'E_RATE_LIMITED';
  readonly retryable = true;
  readonly retryAt: number;

  constructor(facts: VendorFacts & { retryAt: number }, options?: ErrorOptions) {
    super('asks us to slow down at', facts, options);
    this.retryAt = facts.retryAt;
  }
}

/**
 * No usable answer: network fault, time limit, 5xx after the quick retries. `sent` says whether the vendor may have acted:
 * false only where the request certainly never left.
 */
export class VendorUnavailable extends VendorError {
  readonly code = 'E_UNAVAILABLE';
  readonly retryable = true;
  readonly sent: boolean;

  constructor(facts: VendorFacts & { sent: boolean }, options?: ErrorOptions) {
    super('gave no usable answer to', facts, options);
    this.sent = facts.sent;
  }
}

/** A conditional write met a newer version (412, or an empty answer to a compare-and-set). Read, compare, decide again. */
export class VersionStale extends VendorError {
  readonly code = 'E_STALE';
  readonly retryable = true;

  constructor(facts: VendorFacts, options?: ErrorOptions) {
    super('holds a newer version for', facts, options);
  }
}

/** The answer is not what the vendor's sheet says: wrong shape, cut off, error inside a success. Never treated as data. */
export class VendorAnswerInvalid extends VendorError {
  readonly code = 'E_ANSWER_INVALID';
  readonly retryable = true;

  constructor(facts: VendorFacts, options?: ErrorOptions) {
    super('answered in a shape we do not know to', facts, options);
  }
}

/** The day's calls are used up; the run ends cleanly and goes on at `resetsAt` (epoch ms). */
export class QuotaExhausted extends VendorError {
  readonly code = 'E_QUOTA';
  readonly retryable = true;
  readonly resetsAt: number;

  constructor(facts: VendorFacts & { resetsAt: number }, options?: ErrorOptions) {
    super('has no calls left today for', facts, options);
    this.resetsAt = facts.resetsAt;
  }
}

/** A value of one item cannot be read or carried. It rejects that item, by name, and no other. */
export class ItemInvalid extends ConcordError {
  readonly retryable = false;
  readonly code: string;
  readonly field: string | undefined;

  constructor(facts: { code: string; message: string; field?: string }, options?: ErrorOptions) {
    super(facts.message, options);
    this.code = facts.code;
    this.field = facts.field;
  }
}

/** Somebody else holds the lease. A trigger has been remembered; what a person asked for has not (`forgotten`), and has to be asked again. */
export class AnotherRunActive extends ConcordError {
  readonly code = 'E_RUNNING';
  readonly retryable = true;

  constructor(connector: string, options?: ErrorOptions & { readonly forgotten?: true }) {
    super(`another run of ${connector} is under way; ${options?.forgotten === true ? 'nothing was done, try again when it is over' : 'this trigger is remembered'}`, options);
  }
}

/** A person has paused the connector: nothing runs and nothing is written until it is resumed; its work is kept. */
export class ConnectorPaused extends ConcordError {
  readonly code = 'E_PAUSED';
  readonly retryable = true;

  constructor(facts: { connector: string; since: string; by: string; why: string }, options?: ErrorOptions) {
    super(`${facts.connector} is paused since ${facts.since} by ${facts.by}${facts.why === '' ? '' : ` (${facts.why})`}; its work is kept`, options);
  }
}

/** Time was nearly up, so planning stopped between two steps; the next run continues the same plan. */
export class PlanInterrupted extends ConcordError {
  readonly code = 'E_INTERRUPTED';
  readonly retryable = true;

  constructor(facts: { decided: number; total: number }, options?: ErrorOptions) {
    super(`planning stopped after ${facts.decided} of ${facts.total} decisions; the next run continues it`, options);
  }
}

/** The function's time was up between two steps of writing: what is not done stays staged, and the next run does it. */
export class TimeUp extends ConcordError {
  readonly code = 'E_TIME_UP';
  readonly retryable = true;

  constructor(options?: ErrorOptions) {
    super('time was up before all was written; the next run goes on', options);
  }
}

/** A rule of our own does not hold: a bug, thrown at once. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
