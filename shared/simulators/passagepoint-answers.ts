/**
 * How PassagePoint says things: lists in an envelope or bare, and refusals with an upper-case code. The codes' shape is assumed, so it
 * can be had in three: as an object, as a bare text in JSON, as plain text.
 */
import { textPage } from './pages.ts';
import { json } from './simulator.ts';

export interface PassagePointErrorSettings {
  readonly errorsAs: 'object' | 'code' | 'text';
  /** 200 for every refusal but a refused token: the second way that the known client guards against. */
  readonly refusalsAs200: boolean;
  /** Of ALREADY_EXIST_UNIQUE_ID; the code is confirmed, its status was never recorded. */
  readonly duplicateStatus: number;
}

/** Thrown inside the simulator; the router turns it into an answer. */
export class PassagePointRefusal extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
    this.reason = reason;
  }

  answer(settings: PassagePointErrorSettings): Response {
    const own = this.reason === 'ALREADY_EXIST_UNIQUE_ID' ? settings.duplicateStatus : this.status;
    const status = settings.refusalsAs200 && own !== 401 ? 200 : own;
    if (settings.errorsAs === 'text') return textPage(status, `Request failed: ${this.reason}`);
    return json(status, { error: settings.errorsAs === 'code' ? this.reason : { code: this.reason, message: 'the request was refused' } });
  }
}

export function refuse(status: number, reason: string): never {
  throw new PassagePointRefusal(status, reason);
}

/** The value of a required member or parameter. @throws MISSING_PARAMETER for none, an empty one, and for what is no text */
export function required(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : refuse(400, 'MISSING_PARAMETER');
}
