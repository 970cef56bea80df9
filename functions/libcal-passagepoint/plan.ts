/** Plans the connector of LibCal and PassagePoint. */
import { planHandler } from '../../shared/hub/aws-functions.ts';
import { libcalPassagePointFactory } from '../../shared/hub/libcal-passagepoint.ts';

export const handler = planHandler(libcalPassagePointFactory);
