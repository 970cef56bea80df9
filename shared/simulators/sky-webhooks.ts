/**
 * SKY's webhooks: subscriptions, the handshake that proves that somebody listens there, and deliveries (all confirmed, unless marked).
 * Nothing is sent by itself: a test says when, and through which `fetch`. There is no signature, and no type for events or participants.
 */
import { bodyOf } from './sky-bodies.ts';
import type { Call } from './call.ts';
import { notFound, SkyRefusal } from './sky-errors.ts';
import { environmentId } from './sky-oauth.ts';
import type { Notice, SkyState } from './sky-records.ts';
import { subscriptionAdd } from './sky-shapes.ts';
import { json } from './simulator.ts';

type On = (method: string, pattern: string, handler: (call: Call) => unknown) => void;

export interface Subscription {
  readonly id: string;
  readonly url: string;
  readonly eventType: string;
  /** What a working one is called is assumed. */
  readonly status: 'Provisioning' | 'Provisioned' | 'Error';
  readonly createdAt: number;
}

export interface Delivery {
  readonly id: string;
  readonly type: string;
  /** 0 where there was no answer. */
  readonly status: number;
}

export interface SkyWebhooks {
  subscriptions(): readonly Subscription[];
  /** Shakes hands with new subscribers, then sends what waits, a refused one again, up to ten times in all. @returns each try */
  deliver(fetch: typeof globalThis.fetch): Promise<readonly Delivery[]>;
  /** A payload of the type that is there for trying. */
  sendTest(): void;
}

interface Waiting {
  readonly id: string;
  readonly notice: Notice;
  readonly subscriptionId: string;
  readonly at: number;
  tries: number;
}

const origin = 'eventgrid.azure.net';
const handshakeMs = 300_000;
const triesMax = 10;
const testType = 'com.blackbaud.utility.testpayload.v1';

export function skyWebhooks(state: SkyState): { routes: (on: On) => void; hands: SkyWebhooks; forget: () => void } {
  const { clock } = state.world;
  const subscriptions = new Map<string, Subscription>();
  let queue: Waiting[] = [];
  let lastNotice = 0;

  function tell(notice: Notice): void {
    for (const { id, eventType, status } of subscriptions.values()) {
      if (eventType !== notice.type || status === 'Error') continue;
      queue.push({ id: `simulated-notice-${(lastNotice += 1)}`, notice, subscriptionId: id, at: clock.now(), tries: 0 });
    }
  }
  state.onNotice = tell;

  async function shakeHands(fetch: typeof globalThis.fetch, subscription: Subscription): Promise<void> {
    const answer = await tried(() => fetch(subscription.url, { method: 'OPTIONS', headers: { 'WebHook-Request-Origin': origin, 'WebHook-Request-Rate': '120' } }));
    const allowed = answer?.headers.get('webhook-allowed-origin');
    const isIn = answer?.status === 200 && (allowed === origin || allowed === '*') && clock.now() - subscription.createdAt <= handshakeMs;
    subscriptions.set(subscription.id, { ...subscription, status: isIn ? 'Provisioned' : 'Error' });
  }

  async function send(fetch: typeof globalThis.fetch, waiting: Waiting): Promise<Delivery> {
    const { id, notice, at } = waiting;
    const body = {
      type: notice.type,
      specversion: '1.0',
      source: 'https://sky.test/',
      subject: `/environments/${environmentId}`,
      id,
      time: new Date(at).toISOString(),
      data: { id: notice.constituentId },
    };
    const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    const url = subscriptions.get(waiting.subscriptionId)?.url ?? '';
    const answer = await tried(() => fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }));
    return { id, type: notice.type, status: answer?.status ?? 0 };
  }

  const hands: SkyWebhooks = {
    subscriptions: () => [...subscriptions.values()],
    sendTest: () => tell({ type: testType, constituentId: '0' }),
    async deliver(fetch) {
      for (const subscription of subscriptions.values()) if (subscription.status === 'Provisioning') await shakeHands(fetch, subscription);
      const { repeats, reversed } = state.settings.webhooks;
      const due = queue.filter(({ subscriptionId }) => subscriptions.get(subscriptionId)?.status === 'Provisioned');
      queue = [];
      const done: Delivery[] = [];
      for (const waiting of reversed ? due.toReversed() : due) {
        waiting.tries += 1;
        const delivery = await send(fetch, waiting);
        done.push(delivery);
        if (delivery.status >= 200 && delivery.status <= 204) {
          if (repeats) done.push(await send(fetch, waiting));
        } else if (waiting.tries < triesMax) {
          queue.push(waiting);
        }
      }
      return done;
    },
  };

  return {
    hands,
    forget() {
      subscriptions.clear();
      queue = [];
    },
    routes(on) {
      on('POST', '/webhook/v1/subscriptions', (call) => {
        const { webhook_url: url, event_type: eventType } = bodyOf(call, subscriptionAdd);
        if ([...subscriptions.values()].some((other) => other.eventType === eventType)) throw new SkyRefusal(409, 'There is a subscription to this event type already.');
        const subscription: Subscription = { id: state.newId(), url, eventType, status: 'Provisioning', createdAt: clock.now() };
        subscriptions.set(subscription.id, subscription);
        return json(200, subscriptionRow(subscription), { location: `${call.url.origin}/webhook/v1/subscriptions/${subscription.id}` });
      });
      on('GET', '/webhook/v1/subscriptions', () => ({ value: [...subscriptions.values()].map(subscriptionRow) }));
      on('GET', '/webhook/v1/subscriptions/:id', (call) => subscriptionRow(subscriptions.get(call.params['id'] ?? '') ?? missing()));
      on('DELETE', '/webhook/v1/subscriptions/:id', (call) => {
        if (!subscriptions.delete(call.params['id'] ?? '')) throw notFound();
        return new Response(null, { status: 200 });
      });
    },
  };
}

/** The query of the address, where a secret may stand, is not shown back. */
function subscriptionRow({ id, url, eventType, status }: Subscription): Readonly<Record<string, unknown>> {
  return { id, webhook_url: url.replace(/\?.*$/, ''), event_type: eventType, provisioning_status: status };
}

function missing(): never {
  throw notFound();
}

async function tried(send: () => Promise<Response>): Promise<Response | undefined> {
  try {
    return await send();
  } catch {
    return undefined; // nobody listens there: a try like any other
  }
}
