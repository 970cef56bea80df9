/** Signs people in to systems with OAuth. */
import { oauthFunction } from '../shared/hub/aws-oauth.ts';

export const handler = oauthFunction();
