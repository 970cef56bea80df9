/** Keeps on record what gave up, of any connector. */
import { deadLetterHandler } from '../shared/hub/aws-functions.ts';

export const handler = deadLetterHandler();
