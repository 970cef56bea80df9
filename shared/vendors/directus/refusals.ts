/**
 * How Directus says no: a list of entries with a code each, and for a failed validation the field. Messages and values, which may
 * quote a person's data, are left behind at this door.
 */
import * as z from 'zod/mini';
import { VendorRejected } from '../../base/errors.ts';
import type { FailingAnswer } from '../../http/client.ts';

/** One entry of a refusal: the code, and for validation the field; messages and values are left behind. */
export interface DirectusFault {
  /** `RECORD_NOT_UNIQUE`, `FAILED_VALIDATION`, `INVALID_QUERY`, `INVALID_PAYLOAD`, `FORBIDDEN`, `LIMIT_EXCEEDED`, ... */
  readonly code: string;
  readonly field?: string | undefined;
  /** Of a failed validation: `required`, `nnull`, ... */
  readonly type?: string | undefined;
}

const textOrNone = z.pipe(z.nullish(z.string()), z.transform((text) => text ?? undefined));

const errorsBody = z.object({
  errors: z.array(
    z.object({
      extensions: z.object({
        code: z.string(),
        field: textOrNone,
        type: textOrNone,
      }),
    }),
  ),
});

/** The faults that a failing answer lists; none where it is no Directus answer (a proxy's page). */
export function faultsIn(bodyText: string): readonly DirectusFault[] {
  let body: unknown;
  try {
    body = JSON.parse(bodyText);
  } catch {
    return [];
  }
  const parsed = errorsBody.safeParse(body);
  return parsed.success ? parsed.data.errors.map(({ extensions }) => extensions) : [];
}

/** A refusal of one request, with all that it listed as its cause; other statuses keep their general meaning. */
export function refusalWithFaults(vendor: string, { call, status, bodyText, reason }: FailingAnswer): VendorRejected | undefined {
  if (status !== 400 && status !== 403) return undefined;
  const facts = { vendor, call, status, ...(reason !== undefined && { reason }) };
  return new VendorRejected(facts, { cause: new DirectusFaults(faultsIn(bodyText)) });
}

/** Everything that a refusal listed, for a report: which fields failed, without their values. */
export function faultsOf(refusal: VendorRejected): readonly DirectusFault[] {
  return refusal.cause instanceof DirectusFaults ? refusal.cause.faults : [];
}

/** 403 FORBIDDEN: missing, or not allowed. Not the other reasons for a 403 (`LIMIT_EXCEEDED`, `RESOURCE_RESTRICTED`). */
export function isForbidden(error: unknown): boolean {
  return error instanceof VendorRejected && error.status === 403 && error.reason === 'FORBIDDEN';
}

class DirectusFaults extends Error {
  override readonly name = 'DirectusFaults';
  readonly faults: readonly DirectusFault[];

  constructor(faults: readonly DirectusFault[]) {
    super(faults.map(({ code, field, type }) => [code, field, type].filter((part) => part !== undefined).join(' ')).join('; '));
    this.faults = faults;
  }
}
