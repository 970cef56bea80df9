/**
 * SKY's refusals in the four shapes that the vendor's parts have (all confirmed): an array of snake_case errors from the Event API,
 * an array of PascalCase ones from the Constituent API, `{statusCode, message}` from the gateway, Problem Details from webhooks.
 * The messages of 400, 403 and 404 are the vendor's; no client should read them.
 */
import { assertNever } from '../base/errors.ts';
import { json } from './simulator.ts';

export type SkyApi = 'event' | 'constituent' | 'webhook';

/** Thrown inside the simulator; the router turns it into an answer in the shape of the API that refused. */
export class SkyRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  answer(api: SkyApi): Response {
    const { status, message } = this;
    const name = errorNames[status] ?? 'BadRequest';
    switch (api) {
      case 'event':
        return json(status, [{ message, error_name: name, error_code: status, raw_message: message, error_args: [] }]);
      case 'constituent':
        return json(status, [{ Message: message, ErrorName: name, ErrorCode: status, RawMessage: message }]);
      case 'webhook': {
        const body = { type: `https://tools.ietf.org/html/rfc9110#${status}`, title: name, status, detail: message };
        return json(status, body, { 'content-type': 'application/problem+json; charset=utf-8' });
      }
      default:
        return assertNever(api);
    }
  }
}

const errorNames: Readonly<Record<number, string>> = { 400: 'BadRequest', 403: 'Forbidden', 404: 'ResourceNotFound', 409: 'Conflict', 415: 'UnsupportedMediaType' };

export function badRequest(message = 'The request body is not in the appropriate format.'): SkyRefusal {
  return new SkyRefusal(400, message);
}

export function forbidden(): SkyRefusal {
  return new SkyRefusal(403, 'The user does not have the necessary permissions for this task.');
}

export function notFound(): SkyRefusal {
  return new SkyRefusal(404, 'The requested resource could not be found.');
}

/** What stands in front of every API: keys, tokens, limits, unknown addresses. */
export function gatewayAnswer(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return json(status, { statusCode: status, message }, headers);
}
