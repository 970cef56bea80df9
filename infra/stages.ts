/**
 * The deployments of this site and how they differ: the one file to edit before `cdk deploy`. What each line means, and what is refused,
 * stands in settings.ts. No secret belongs here.
 */
import type { StageSettings } from './settings.ts';

export const stages: { readonly [stage: string]: StageSettings } = {
  dev: {
    keepsData: false,
    logDays: 7,
    connectors: [{ id: 'directus-nextcloud', everyMinutes: 60, timeZone: 'Europe/Berlin' }],
  },
  prod: {
    keepsData: true,
    logDays: 90,
    connectors: [{ id: 'directus-nextcloud', everyMinutes: 60, timeZone: 'Europe/Berlin' }],
    // A library beside it; its bookings change by the minute:
    // { id: 'libcal-passagepoint', everyMinutes: 5, timeZone: 'America/New_York' }
    // A mission organisation; its secret can be written by the functions then, because they renew its tokens:
    // { id: 'servicereef-nxt', everyMinutes: 60, timeZone: 'America/New_York' }
    // alarmEmail: 'operators@example.org',
    // Only where a vendor's server stands inside the campus network:
    // network: { vpcId: 'vpc-...', subnetIds: ['subnet-...', 'subnet-...'], availabilityZones: ['eu-central-1a', 'eu-central-1b'], securityGroupId: 'sg-...', caFolder: 'campus-ca' },
  },
};
