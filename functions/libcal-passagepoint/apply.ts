/** Writes what the connector of LibCal and PassagePoint has decided. */
import { applyHandler } from '../../shared/hub/aws-functions.ts';
import { libcalPassagePointFactory } from '../../shared/hub/libcal-passagepoint.ts';

export const handler = applyHandler(libcalPassagePointFactory);
