/** Writes what the connector of Directus and Nextcloud has decided. */
import { applyHandler } from '../../shared/hub/aws-functions.ts';
import { directusNextcloudFactory } from '../../shared/hub/directus-nextcloud.ts';

export const handler = applyHandler(directusNextcloudFactory);
