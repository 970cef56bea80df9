/**
 * The whole HTTP side of one machine: the same control plane, webhooks and sign-ins as in the cloud, over what this hub remembers.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Variables } from '../../base/config.ts';
import type { Log } from '../../base/log.ts';
import type { Host } from '../errand.ts';
import type { LocalHub } from '../local.ts';
import { controlPlane } from './control-plane.ts';
import { oauthPlane } from './oauth.ts';
import type { Answering } from './request.ts';
import { apiSecretsIn, type ApiSecrets } from './sign-in.ts';
import { webhookPlane } from './webhook.ts';

export interface LocalApiParts {
  readonly hub: LocalHub;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: Log;
  readonly variables: Variables;
}

/** @throws ConfigurationInvalid for secrets that are none. */
export function localApi({ hub, host, clock, log, variables }: LocalApiParts): Answering {
  const { table, memories, configured, isDead, oauthEntries, secrets: kept, fetch } = hub.remembered;
  const secrets = localSecrets(hub, variables);
  const control = controlPlane({ clock, log, memories, host, configured, isDead, secrets: async () => secrets });
  const webhooks = webhookPlane({ clock, log, table, host, secrets: async () => variables });
  const signIns = oauthPlane({ clock, log, table, fetch, secrets: kept, secretName: (connector) => connector, variables, entries: oauthEntries, random: () => randomBytes(32).toString('base64url'), apiSecrets: async () => secrets });
  return (request) => {
    if (request.path.startsWith('/api/webhook/')) return webhooks(request);
    return request.path.startsWith('/oauth/') ? signIns(request) : control(request);
  };
}

/** Without a secret of its own the machine signs with the one in its state folder. @throws ConfigurationInvalid, StoreUnavailable */
export function localSecrets({ remembered }: Pick<LocalHub, 'remembered'>, variables: Variables): ApiSecrets & { readonly jwtSecret: string } {
  const given = apiSecretsIn(variables);
  return { ...given, jwtSecret: given.jwtSecret ?? remembered.ownJwtSecret() };
}
