/**
 * Who may come in: one account with one app password, the count of failed logins, and the two ways in which the whole server
 * is closed (all confirmed; the half hour of the throttle is inferred). There is one address: every caller shares its count.
 */
import type { Call } from './call.ts';
import { DavRefusal, sabreRefusal } from './nextcloud-xml.ts';

export interface LoginSettings {
  readonly user: string;
  readonly password: string;
  readonly maintenance: boolean;
  readonly isAccountDisabled: boolean;
  readonly throttleAfter: number;
}

const failureMemoryMs = 30 * 60_000;

/** Asks every request to DAV for its credentials. @returns the refusal, or undefined to let it in */
export function loginDesk(now: () => number, settings: () => LoginSettings): { check: (call: Call) => DavRefusal | undefined; forget: () => void } {
  let failures: number[] = [];
  return {
    forget: () => {
      failures = [];
    },
    check(call) {
      const { user, password, maintenance, isAccountDisabled, throttleAfter } = settings();
      if (maintenance) {
        const headers = { 'x-nextcloud-maintenance-mode': '1' }; // likely
        return new DavRefusal(503, 'OCA\\DAV\\Exception\\ServerMaintenanceMode', 'System is in maintenance mode.', { headers });
      }
      const sent = credentialsOf(call.headers.get('authorization'));
      if (!sent) return notAuthenticated("No public access to this resource., No 'Authorization: Basic' header found.");
      failures = failures.filter((at) => now() - at < failureMemoryMs);
      if (throttleAfter > 0 && failures.length >= throttleAfter) return new DavRefusal(429, 'OCA\\DAV\\Connector\\Sabre\\Exception\\TooManyRequests', '');
      const isKnown = (sent.user === undefined || sent.user.toLowerCase() === user.toLowerCase()) && sent.password === password;
      if (!isKnown) {
        failures.push(now());
        return notAuthenticated('Cannot authenticate over ajax calls, Username or password was incorrect');
      }
      return isAccountDisabled ? sabreRefusal(503, 'ServiceUnavailable', 'OC\\User\\LoginException: Account disabled') : undefined;
    },
  };
}

function notAuthenticated(message: string): DavRefusal {
  return sabreRefusal(401, 'NotAuthenticated', message, { headers: { 'www-authenticate': 'Basic realm="Nextcloud", charset="UTF-8"' } });
}

/** Basic, read as UTF-8, or an app password as Bearer; anything else is as good as nothing. */
function credentialsOf(header: string | null): { user: string | undefined; password: string } | undefined {
  const [, scheme = '', value = ''] = /^(Basic|Bearer) +(\S+)$/i.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return { user: undefined, password: value };
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
