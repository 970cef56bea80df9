/**
 * A reader of the simulated ServiceReef: signed in when first needed, one way to ask for a list, for a row and for a refusal.
 */
import * as z from 'zod';
import { manualClock } from '../../shared/base/clock.ts';
import { simulateServiceReef } from '../../shared/simulators/servicereef.ts';
import type { ServiceReefSettings } from '../../shared/simulators/servicereef-settings.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

export const wireToken = z.object({ access_token: z.string(), token_type: z.string(), expires_in: z.number().optional() });
const wireError = z.object({ Message: z.string(), ValidationErrors: z.record(z.string(), z.array(z.string())) });
const wireList = z.object({
  PageInfo: z.object({ TotalRecords: z.number(), Page: z.number(), PageSize: z.number() }),
  Results: z.array(z.record(z.string(), z.unknown())),
});
export const wireRow = z.record(z.string(), z.unknown());

/** A ServiceReef with a signed-in reader. */
export function opened(settings: Partial<ServiceReefSettings> = {}) {
  const clock = manualClock();
  const reef = simulateServiceReef(simulatedWorld({ clock, seed: 3 }), settings);
  const signIn = async (form: Record<string, string> = {}, headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: reef.appId, client_secret: reef.appKey, ...form });
    return reef.fetch(`${reef.url}/OAuth/Token`, { method: 'POST', headers, body: body.toString() });
  };
  const newToken = async () => wireToken.parse(await (await signIn()).json()).access_token;
  let token: string | undefined;
  const get = async (path: string, headers: Record<string, string> = {}) => {
    token ??= await newToken();
    return reef.fetch(reef.url + path, { headers: { authorization: `Bearer ${token}`, ...headers } });
  };
  const list = async (path: string) => wireList.parse(await (await get(path)).json());
  const row = async (path: string) => wireRow.parse(await (await get(path)).json());
  return { ...reef, clock, signIn, newToken, get, list, row };
}

export type Opened = ReturnType<typeof opened>;

export async function refusal(answer: Response) {
  return { status: answer.status, ...wireError.parse(await answer.json()) };
}

export const idsOf = (rows: readonly Record<string, unknown>[], name = 'EventId') => rows.map((row) => row[name]);
