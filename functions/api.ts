/** Answers people and machines. */
import { apiFunction } from '../shared/hub/aws-http.ts';

export const handler = apiFunction();
