/**
 * The door of signing in to systems with OAuth. It calls their token endpoints and writes the secrets of their connectors, so it is a
 * function of its own, made only where such a connector is switched on.
 */
import { randomBytes } from 'node:crypto';
import { secretName } from '../base/names.ts';
import { steadyFetch } from '../http/steady-fetch.ts';
import type { ApiHandler } from './api/lambda.ts';
import { oauthPlane } from './api/oauth.ts';
import { apiSecretsOf, httpParts, late } from './aws-http-parts.ts';
import { catalog } from './catalog.ts';

export function oauthFunction(): ApiHandler {
  return late(() => {
    const given = httpParts();
    const { parts, environment, store, isOn } = given;
    return oauthPlane({
      ...parts,
      fetch: steadyFetch,
      secrets: store,
      secretName: (connector) => secretName(environment.stage, connector),
      variables: {},
      entries: catalog.filter(({ id, oauth }) => oauth !== undefined && isOn(id)),
      random: () => randomBytes(32).toString('base64url'),
      apiSecrets: apiSecretsOf(given),
    });
  });
}
