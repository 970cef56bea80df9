/**
 * The doors of the HTTP side: the control plane and the webhooks, over what the tables remember. They hold no vendor's client: what needs
 * one is asked of the connector's plan function.
 */
import { ConfigurationInvalid } from '../base/errors.ts';
import { onlySet, ownEnvironment, type Variables } from '../base/config.ts';
import { secretName, variable } from '../base/names.ts';
import { controlPlane } from './api/control-plane.ts';
import { apiHandler, type ApiHandler } from './api/lambda.ts';
import type { Answering } from './api/request.ts';
import { apiSecretsIn } from './api/sign-in.ts';
import { webhookPlane } from './api/webhook.ts';
import { readAwsEnvironment, type AwsEnvironment } from './aws-environment.ts';
import { awsHost } from './aws-host.ts';
import { awsParts, awsSecrets, ownInvoker, type AwsParts } from './aws-parts.ts';
import { catalog } from './catalog.ts';
import { memoryOf } from './memory.ts';
import { once } from './once.ts';

export function apiFunction(): ApiHandler {
  return late(() => {
    const { environment, parts, variables, secret } = httpParts();
    const secretId = variables[variable.secretId];
    if (secretId === undefined) throw new ConfigurationInvalid([`${variable.secretId} is not set; the stack sets it`]);
    const isOn = (id: string): boolean => environment.rhythms.some(({ connector }) => connector === id);
    const memories = catalog.filter(({ id }) => isOn(id)).map((entry) => memoryOf(parts, entry));
    return controlPlane({ ...parts, memories, host: hostOf(environment, parts, variables), configured: () => true, isDead: () => false, secrets: async () => apiSecretsIn(await secret(secretId)) });
  });
}

export function webhookFunction(): ApiHandler {
  return late(() => {
    const { environment, parts, variables, secret } = httpParts();
    return webhookPlane({ ...parts, host: hostOf(environment, parts, variables), secrets: (connector) => secret(secretName(environment.stage, connector)) });
  });
}

const late = (make: () => Answering): ApiHandler => {
  const answering = once(make);
  return apiHandler((request) => answering()(request));
};

function httpParts() {
  const variables = ownEnvironment();
  const environment = readAwsEnvironment(variables);
  const { keepsSecret, ...parts } = awsParts(environment);
  const { kept } = awsSecrets({ region: environment.region, clock: parts.clock, keepsSecret });
  const secret = async (id: string): Promise<Variables> => onlySet((await kept(id)).values);
  return { variables, environment, parts, secret };
}

const hostOf = ({ stage, region }: AwsEnvironment, { clock }: AwsParts, variables: Variables) => awsHost({ stage, invoker: ownInvoker({ region, clock, variables }) });
