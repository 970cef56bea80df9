/** Plans the connector of Directus and Nextcloud. */
import { planHandler } from '../../shared/hub/aws-functions.ts';
import { directusNextcloudFactory } from '../../shared/hub/directus-nextcloud.ts';

export const handler = planHandler(directusNextcloudFactory);
