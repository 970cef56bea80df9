/**
 * How ServiceReef says no: a status with `{Message, ValidationErrors}` (confirmed), OAuth's `{error}` where a token is asked for (assumed). Only the
 * names of refused parameters and OAuth's codes are read; messages, which may quote a person's data, are left behind at this door.
 */
import { VendorRejected, VendorSignInFailed } from '../../base/errors.ts';
import { fieldsOf } from '../../base/fields-of.ts';
import type { FailingAnswer } from '../../http/client.ts';

export const system = 'servicereef';
export const tokenCall = 'POST /OAuth/Token';

/** Our own word for what stands in front of the API, or for an address that is none of its routes: says nothing about any item. */
const notTheApi = 'NOT_THE_API';

/** `VALIDATION:pageSize`, an OAuth code, or undefined. */
export function reasonIn(bodyText: string): string | undefined {
  if (/^\s*</.test(bodyText)) return notTheApi;
  const { ValidationErrors: validation, MessageDetail: detail, error } = fieldsOf(jsonOf(bodyText));
  // ASP.NET's own words for a route that it does not have (likely); ServiceReef's refusals carry none.
  if (typeof detail === 'string') return notTheApi;
  const [parameter] = Object.keys(fieldsOf(validation));
  if (parameter !== undefined && /^[A-Za-z]{1,40}$/.test(parameter)) return `VALIDATION:${parameter}`;
  return typeof error === 'string' && /^[a-z]+(?:_[a-z]+)+$/.test(error) ? error : undefined;
}

/** No token for these keys: nothing about an item, whatever the status. The rest is left to the general rules. */
export function signInRefusal({ call, status, reason }: FailingAnswer): VendorSignInFailed | undefined {
  const isRefused = call === tokenCall && [400, 401, 403].includes(status);
  return isRefused ? new VendorSignInFailed({ vendor: system, call, status, ...(reason !== undefined && { reason }) }) : undefined;
}

/** Said by the API of what was asked for (assumed: 404): deleted, merged away, or never there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof VendorRejected && error.vendor === system && error.status === 404 && error.reason !== notTheApi;
}

function jsonOf(bodyText: string): unknown {
  try {
    return JSON.parse(bodyText);
  } catch {
    return undefined;
  }
}
