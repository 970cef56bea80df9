/** Plans the connector of ServiceReef and Raiser's Edge NXT. */
import { planHandler } from '../../shared/hub/aws-functions.ts';
import { serviceReefNxtFactory } from '../../shared/hub/servicereef-nxt.ts';

export const handler = planHandler(serviceReefNxtFactory);
