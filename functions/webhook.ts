/** Hears what systems tell. */
import { webhookFunction } from '../shared/hub/aws-http.ts';

export const handler = webhookFunction();
