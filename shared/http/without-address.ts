/**
 * For systems that want a person's data in the address (a name, a card's number, a login). Our own errors name a call by its path pattern; but
 * what a fetch throws is kept as their cause, and may quote the address that it could not reach.
 */
import { VendorUnavailable } from '../base/errors.ts';

/** The same error, whose cause is no more than the fault's code (`ECONNRESET`), to its last cause. Other errors as they are. */
export function withoutAddress(error: unknown): unknown {
  if (!(error instanceof VendorUnavailable) || error.cause === undefined) return error;
  const { vendor, call, status, reason, sent } = error;
  const facts = { vendor, call, sent, ...(status !== undefined && { status }), ...(reason !== undefined && { reason }) };
  return new VendorUnavailable(facts, { cause: new Error(faultCode(error.cause) ?? 'no answer') });
}

function faultCode(fault: unknown): string | undefined {
  if (!(fault instanceof Error)) return undefined;
  if ('code' in fault && typeof fault.code === 'string' && /^[A-Z0-9_]+$/.test(fault.code)) return fault.code;
  return faultCode(fault instanceof AggregateError ? fault.errors[0] : fault.cause);
}
