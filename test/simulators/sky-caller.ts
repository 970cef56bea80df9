/**
 * A client of the simulated SKY API with a token in its hand: one way to ask, and the few shapes of answers that the tests read.
 */
import * as z from 'zod';
import { manualClock } from '../../shared/base/clock.ts';
import { simulateSky } from '../../shared/simulators/sky.ts';
import type { SkySettings } from '../../shared/simulators/sky-settings.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

const wireRow = z.record(z.string(), z.unknown());
const wireList = z.object({ count: z.number(), value: z.array(wireRow), next_link: z.string().nullish() });
const wireId = z.strictObject({ id: z.string().regex(/^\d+$/) });

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function connected(settings: Partial<SkySettings> = {}) {
  const clock = manualClock();
  const sky = simulateSky(simulatedWorld({ clock }), { callsPerSecond: undefined, ...settings });
  const tokens = sky.connect();
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const sent = {
      authorization: `Bearer ${tokens.accessToken}`,
      'bb-api-subscription-key': sky.subscriptionKey,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const text = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const answer = await sky.fetch(path.startsWith('http') ? path : sky.url + path, { method, headers: sent, ...text });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const get = (path: string) => ask('GET', path);
  const row = async (path: string) => wireRow.parse(JSON.parse((await get(path)).text));
  const list = async (path: string) => wireList.parse(JSON.parse((await get(path)).text));
  /** @returns the new id */
  const post = async (path: string, body: unknown) => wireId.parse(JSON.parse((await ask('POST', path, body)).text)).id;
  return Object.assign(sky, { clock, tokens, ask, get, row, list, post });
}

export type Connected = ReturnType<typeof connected>;

export const jsonOf = (answer: Answer): unknown => JSON.parse(answer.text);

/** The status and the text of the Event API's refusal, whose shape is checked. */
export function eventRefusal(answer: Answer) {
  const shape = z.tuple([z.strictObject({ message: z.string(), error_name: z.string(), error_code: z.number(), raw_message: z.string(), error_args: z.array(z.unknown()) })]);
  const [{ error_name: name, message }] = shape.parse(jsonOf(answer));
  return { status: answer.status, name, message };
}

/** The same for the Constituent API. */
export function constituentRefusal(answer: Answer) {
  const shape = z.tuple([z.strictObject({ Message: z.string(), ErrorName: z.string(), ErrorCode: z.number(), RawMessage: z.string() })]);
  const [{ ErrorName: name, Message: message }] = shape.parse(jsonOf(answer));
  return { status: answer.status, name, message };
}

/** The same for what stands before every API. */
export function gatewayRefusal(answer: Answer) {
  const { statusCode, message } = z.strictObject({ statusCode: z.number(), message: z.string() }).parse(jsonOf(answer));
  return { status: answer.status, statusCode, message };
}
