/**
 * Who may call PassagePoint: one account, and tokens that it gets for name and password. A token is Base64 of a small object with its
 * end in milliseconds (confirmed) some eight hours away (likely). Wrong, expired and withdrawn are all 401, and look alike.
 */
import type { Clock } from '../base/clock.ts';
import type { Call } from './call.ts';
import { refuse } from './passagepoint-answers.ts';
import { json } from './simulator.ts';

export interface PassagePointLoginSettings {
  readonly tokenHours: number;
  readonly tokensReadable: boolean;
  readonly isAccountLocked: boolean;
  readonly tokensRefused: boolean;
  readonly loginRefusedStatus: 200 | 401;
}

export interface PassagePointLogin {
  /** Answers `POST /auth/login`. */
  signIn(sent: Readonly<Record<string, unknown>>): Response;
  /** @throws PassagePointRefusal 401 for a call without a token that is good now */
  check(call: Call): void;
  expireTokens(): void;
}

export function passagePointLogin(clock: Clock, settings: PassagePointLoginSettings, account: { username: string; password: string }): PassagePointLogin {
  const endsAt = new Map<string, number>();
  return {
    signIn({ username, password }) {
      const isRight = username === account.username && password === account.password;
      if (settings.isAccountLocked) return refused(401);
      if (!isRight) return refused(settings.loginRefusedStatus);
      const exp = clock.now() + settings.tokenHours * 3_600_000;
      const text = settings.tokensReadable ? JSON.stringify({ exp, username }) : `session ${exp}`;
      const token = Buffer.from(text).toString('base64');
      endsAt.set(token, exp);
      return json(200, { token });
    },
    check(call) {
      const end = endsAt.get(call.headers.get('token') ?? '');
      if (end === undefined || clock.now() >= end || settings.tokensRefused) refuse(401, 'INVALID_TOKEN');
    },
    expireTokens: () => endsAt.clear(),
  };
}

function refused(status: number): Response {
  return json(status, { error: { code: 'INVALID_TOKEN', message: 'name or password is wrong' } });
}
