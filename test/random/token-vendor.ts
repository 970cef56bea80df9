/**
 * A vendor with OAuth 2.0 behind `fetch`: a token endpoint with real rotation, and one call that wants an access token. A refresh token serves
 * once; one that is spent and comes again is refused and counted, and with `strict` ends its whole family, as RFC 9700 advises. Imports nothing
 * of the client.
 */

export interface Presentation {
  readonly token: string;
  readonly by: string;
  readonly outcome: 'rotated' | 'kept' | 'dead';
  /** Set by the wire: nobody heard what came of it. */
  isLost: boolean;
}

interface RefreshToken {
  readonly family: number;
  state: 'alive' | 'spent' | 'revoked';
}

interface AccessToken {
  readonly until: number;
  isForgotten: boolean;
}

const lifeMs = 60 * 60_000;

export class TokenVendor {
  readonly presentations: Presentation[] = [];
  /** Told before what is presented has its effect. */
  onPresented: (token: string, by: string) => void = () => {};
  private readonly refresh = new Map<string, RefreshToken>();
  private readonly access = new Map<string, AccessToken>();
  private readonly codes = new Set<string>();
  private readonly now: () => number;
  private readonly isStrict: boolean;
  private count = 0;

  constructor(now: () => number, isStrict: boolean) {
    this.now = now;
    this.isStrict = isStrict;
  }

  /** A person has consented. */
  consent(): { readonly access: string; readonly refresh: string } {
    this.count += 1;
    return this.give(this.count);
  }

  /** The same, with a code that is to be exchanged. */
  consentCode(): string {
    const code = `code-${++this.count}`;
    this.codes.add(code);
    return code;
  }

  isAlive(refresh: string | undefined): boolean {
    return refresh !== undefined && this.refresh.get(refresh)?.state === 'alive';
  }

  /** @param forMs  and for how much longer. */
  isGood(access: string | undefined, forMs = 0): boolean {
    const token = access === undefined ? undefined : this.access.get(access);
    return token !== undefined && !token.isForgotten && token.until > this.now() + forMs;
  }

  /** An outage of the vendor's: all access tokens are refused from now on, refresh tokens stay good. */
  forgetAccess(): void {
    for (const token of this.access.values()) token.isForgotten = true;
  }

  /** @param by  the process that asks. */
  answer(by: string, url: string, init: RequestInit | undefined): { readonly response: Response; readonly presented?: Presentation } {
    const headers = new Headers(init?.headers);
    if (new URL(url).pathname === '/things') {
      const isLetIn = this.isGood(headers.get('authorization')?.replace('Bearer ', ''));
      return { response: json(isLetIn ? 200 : 401, isLetIn ? { value: [] } : { statusCode: 401, message: 'Unauthorized' }) };
    }
    if (headers.get('authorization') !== `Basic ${btoa('the-app:the-app-secret')}`) return { response: json(400, { error: 'invalid_client' }) };
    const form = new URLSearchParams(typeof init?.body === 'string' ? init.body : '');
    if (form.get('grant_type') === 'authorization_code') {
      if (!this.codes.delete(form.get('code') ?? '')) return { response: json(400, { error: 'invalid_grant' }) };
      const { access, refresh } = this.consent();
      return { response: json(200, { access_token: access, token_type: 'Bearer', expires_in: lifeMs / 1000, refresh_token: refresh }) };
    }
    if (form.get('grant_type') !== 'refresh_token') return { response: json(400, { error: 'unsupported_grant_type' }) };
    return this.renewed(by, form.get('refresh_token') ?? '', form.get('preserve_refresh_token') === 'true');
  }

  private renewed(by: string, token: string, isKept: boolean): { readonly response: Response; readonly presented: Presentation } {
    this.onPresented(token, by);
    const found = this.refresh.get(token);
    const presented: Presentation = { token, by, outcome: found?.state !== 'alive' ? 'dead' : isKept ? 'kept' : 'rotated', isLost: false };
    this.presentations.push(presented);
    if (found?.state !== 'alive') {
      if (this.isStrict && found) for (const one of this.refresh.values()) if (one.family === found.family && one.state === 'alive') one.state = 'revoked';
      return { response: json(400, { error: 'invalid_grant', error_description: 'the refresh token has been used' }), presented };
    }
    if (!isKept) found.state = 'spent';
    const { access, refresh } = isKept ? { access: this.newAccess(), refresh: undefined } : this.give(found.family);
    return { response: json(200, { access_token: access, token_type: 'Bearer', expires_in: lifeMs / 1000, ...(refresh !== undefined && { refresh_token: refresh, refresh_token_expires_in: 31_536_000 }) }), presented };
  }

  private give(family: number): { readonly access: string; readonly refresh: string } {
    this.count += 1;
    const refresh = `refresh-${this.count}`;
    this.refresh.set(refresh, { family, state: 'alive' });
    return { access: this.newAccess(), refresh };
  }

  private newAccess(): string {
    this.count += 1;
    this.access.set(`access-${this.count}`, { until: this.now() + lifeMs, isForgotten: false });
    return `access-${this.count}`;
  }
}

const json = (status: number, body: object): Response => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
