/**
 * What the doors of the HTTP side have in common: environment, tables and secrets, made at the first request, so that a wrong environment
 * is an error of that request, with its line in the log.
 */
import { ConfigurationInvalid } from '../base/errors.ts';
import { onlySet, ownEnvironment, type Variables } from '../base/config.ts';
import { variable } from '../base/names.ts';
import { apiHandler, type ApiHandler } from './api/lambda.ts';
import type { Answering } from './api/request.ts';
import { apiSecretsIn, type ApiSecrets } from './api/sign-in.ts';
import { readAwsEnvironment } from './aws-environment.ts';
import { awsParts, awsSecrets } from './aws-parts.ts';
import { once } from './once.ts';

export const late = (make: () => Answering): ApiHandler => {
  const answering = once(make);
  return apiHandler((request) => answering()(request));
};

export function httpParts() {
  const variables = ownEnvironment();
  const environment = readAwsEnvironment(variables);
  const { keepsSecret, ...parts } = awsParts(environment);
  const { kept, store } = awsSecrets({ region: environment.region, clock: parts.clock, keepsSecret });
  const secret = async (id: string): Promise<Variables> => onlySet((await kept(id)).values);
  const isOn = (id: string): boolean => environment.rhythms.some(({ connector }) => connector === id);
  return { variables, environment, parts, secret, store, isOn };
}

/** Of the API, asked for every request. @throws ConfigurationInvalid where the stack does not say where they stand. */
export function apiSecretsOf({ variables, secret }: Pick<ReturnType<typeof httpParts>, 'variables' | 'secret'>): () => Promise<ApiSecrets> {
  const secretId = variables[variable.secretId];
  if (secretId === undefined) throw new ConfigurationInvalid([`${variable.secretId} is not set; the stack sets it`]);
  return async () => apiSecretsIn(await secret(secretId));
}
