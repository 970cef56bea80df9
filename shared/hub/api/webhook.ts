/**
 * Webhooks: a system tells that something has changed. Proof first, over the bytes as they came; then what was told is kept, in one write
 * with the sender's id, so that a repetition does nothing and a queue that refuses loses nothing; then a look is asked for. It knows no
 * vendor's client and no secret but the senders'.
 */
import type { Clock } from '../../base/clock.ts';
import type { Variables } from '../../base/config.ts';
import type { Log } from '../../base/log.ts';
import type { Table } from '../../base/table.ts';
import type { Host } from '../errand.ts';
import { hintBox } from '../hints.ts';
import { webhookSenders, type WebhookSender } from '../webhook-senders.ts';
import { notFound, RequestRefused } from './problem.ts';
import type { Answering } from './request.ts';
import { jsonIn, serveRoutes, type Call, type Reply, type Route } from './route.ts';
import { proofOf } from './signature.ts';

export interface WebhookPlane {
  readonly clock: Clock;
  readonly log: Log;
  readonly table: Table;
  readonly host: Pick<Host, 'nudge'>;
  /** Where the senders' secrets stand, by the name of their variable; asked for every message, so that a new one counts at once. */
  readonly secrets: (connector: string) => Promise<Variables>;
  /** Default: those of this release. */
  readonly senders?: { readonly [connector: string]: WebhookSender } | undefined;
}

export const webhookPath = '/api/webhook/{connector}';

export const webhookRoutes: readonly Route<WebhookPlane>[] = [
  { method: 'POST', path: webhookPath, who: 'signature', summary: 'a system tells that something has changed: the connector looks at it at once', answer: heard },
  { method: 'GET', path: webhookPath, who: 'signature', summary: 'some senders ask once whether we are there', answer: challenged },
];

export function webhookPlane(plane: WebhookPlane): Answering {
  return serveRoutes({ routes: webhookRoutes, plane, identify: async () => undefined, clock: plane.clock, log: plane.log });
}

async function heard(plane: WebhookPlane, call: Call): Promise<Reply> {
  const { connector, sender } = senderOf(plane, call);
  const { request } = call;
  const secrets = (await plane.secrets(connector))[sender.secretName]?.split(/\s+/).filter((secret) => secret !== '') ?? [];
  const proof = proofOf(sender.dialect, secrets, request, plane.clock.now());
  if (!proof.ok) {
    plane.log.warn({ request: request.requestId, connector, why: secrets.length === 0 ? `${sender.secretName} is not set` : proof.why }, 'webhook refused');
    throw new RequestRefused({ status: 401, code: 'E_SIGNATURE', message: 'the signature, or its time, does not hold' });
  }
  const hints = sender.read(jsonIn(request.body));
  if (hints === 'ignored') {
    plane.log.info({ request: request.requestId, connector }, 'webhook of a kind that tells nothing');
    return { status: 202, body: { state: 'ignored' } };
  }
  if (!(await hintBox(plane, connector).keep({ id: proof.id, content: request.body, hints }))) return { body: { state: 'known' } };
  await nudge(plane, connector, request.requestId);
  return { status: 202, body: { state: 'accepted' } };
}

/** What is kept is not lost when nobody can be asked to look at it: the next run does. */
async function nudge({ host, log }: WebhookPlane, connector: string, requestId: string): Promise<void> {
  try {
    await host.nudge(connector);
  } catch (error) {
    log.warn({ request: requestId, connector, error: error instanceof Error ? error.name : typeof error }, 'nobody could be asked to look at what a webhook told; the next run does it');
  }
}

async function challenged(plane: WebhookPlane, call: Call): Promise<Reply> {
  const { sender: { dialect: { challenge } } } = senderOf(plane, call);
  const word = challenge === undefined ? undefined : call.request.query[challenge];
  if (challenge === undefined || word === undefined || word.length > 500) throw new RequestRefused({ status: 405, code: 'E_METHOD', message: 'here it is POST', headers: { allow: 'POST' } });
  return { body: { [challenge]: word } };
}

function senderOf({ senders = webhookSenders }: WebhookPlane, { params }: Call): { readonly connector: string; readonly sender: WebhookSender } {
  const { connector = '' } = params;
  const sender = Object.hasOwn(senders, connector) ? senders[connector] : undefined;
  if (sender === undefined) throw notFound('nobody is listened to at this address');
  return { connector, sender };
}
