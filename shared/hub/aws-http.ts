/**
 * The doors of the HTTP side: the control plane and the webhooks, over what the tables remember. They hold no vendor's client: what needs
 * one is asked of the connector's plan function. Signing in to a system has a door of its own: aws-oauth.ts.
 */
import { secretName } from '../base/names.ts';
import { controlPlane } from './api/control-plane.ts';
import type { ApiHandler } from './api/lambda.ts';
import { webhookPlane } from './api/webhook.ts';
import { awsHost } from './aws-host.ts';
import { apiSecretsOf, httpParts, late } from './aws-http-parts.ts';
import { ownInvoker } from './aws-parts.ts';
import { catalog } from './catalog.ts';
import { memoryOf } from './memory.ts';

export function apiFunction(): ApiHandler {
  return late(() => {
    const given = httpParts();
    const { parts, isOn } = given;
    const memories = catalog.filter(({ id }) => isOn(id)).map((entry) => memoryOf(parts, entry));
    return controlPlane({ ...parts, memories, host: hostOf(given), configured: () => true, isDead: () => false, secrets: apiSecretsOf(given) });
  });
}

export function webhookFunction(): ApiHandler {
  return late(() => {
    const given = httpParts();
    const { parts, environment, secret } = given;
    return webhookPlane({ ...parts, host: hostOf(given), secrets: (connector) => secret(secretName(environment.stage, connector)) });
  });
}

const hostOf = ({ environment: { stage, region }, parts: { clock }, variables }: ReturnType<typeof httpParts>) => awsHost({ stage, invoker: ownInvoker({ region, clock, variables }) });
