/** Writes what the connector of ServiceReef and Raiser's Edge NXT has decided. */
import { applyHandler } from '../../shared/hub/aws-functions.ts';
import { serviceReefNxtFactory } from '../../shared/hub/servicereef-nxt.ts';

export const handler = applyHandler(serviceReefNxtFactory);
