/** The tables of a tenant: which types an e-mail address may have, which categories an event. Ids and words differ from tenant to tenant (confirmed). */
import * as z from 'zod/mini';
import type { SkyCalls } from './calls.ts';
import { readCategory, type SkyCategory } from './event-schema.ts';
import { readByLink, type SkyListing } from './listing.ts';

/** Each read is one call, and may serve as the connection test of its API. */
export interface SkyTables {
  emailTypes(): Promise<readonly string[]>;
  phoneTypes(): Promise<readonly string[]>;
  addressTypes(): Promise<readonly string[]>;
  aliasTypes(): Promise<readonly string[]>;
  eventCategories(): Promise<SkyListing<SkyCategory>>;
}

const words = z.object({ value: z.array(z.string()) });

export function skyTables(calls: SkyCalls): SkyTables {
  const table = (name: string) => async () => (await calls.read({ call: `GET /constituent/v1/${name}` }, words)).value;
  return {
    emailTypes: table('emailaddresstypes'),
    phoneTypes: table('phonetypes'),
    addressTypes: table('addresstypes'),
    aliasTypes: table('aliastypes'),
    eventCategories: () => readByLink(calls, { call: 'GET /event/v1/eventcategories', query: { include_inactive: 'true' } }, readCategory),
  };
}
