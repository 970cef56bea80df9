/**
 * Secrets Manager, as far as Concord can see it: an independent witness on loopback, speaking AWS JSON 1.1 to the real SDK.
 *
 * Faithful (API reference, read 2026-11): GetSecretValue by label; PutSecretValue with the token as the version's id, refused where that
 * id stands with another value, the default label AWSCURRENT with the one before it as AWSPREVIOUS; UpdateSecretVersionStage, refused
 * unless RemoveFromVersionId holds the label, and moving AWSPREVIOUS along; ResourceNotFoundException for a secret or a version that is not there.
 * Left out: rotation, policies, replicas, deletion, binary values.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { text as wholeText } from 'node:stream/consumers';

type Mishap = 'break' | 'lose';

interface Version {
  readonly value: string;
  readonly stages: Set<string>;
}

export interface SecretsWitness {
  readonly endpoint: string;
  /** A person in the console: replaces the whole text. */
  edit(id: string, value: string): void;
  /** The labels in use. */
  labels(id: string): readonly string[];
  /** The text that is current. */
  current(id: string): string | undefined;
  /** The calls by name, in order. */
  readonly calls: string[];
  /** Runs before the next call of this name is answered, once; with `break` that call is neither done nor answered, with `lose` done and not answered. */
  before(call: string, then: () => Mishap | undefined): void;
  close(): Promise<void>;
}

class Refusal extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export async function startSecretsWitness(given: Readonly<Record<string, string>>): Promise<SecretsWitness> {
  const secrets = new Map<string, Map<string, Version>>();
  const calls: string[] = [];
  const hooks = new Map<string, () => Mishap | undefined>();
  let made = 0;

  const versionsOf = (id: string): Map<string, Version> => {
    const versions = secrets.get(id);
    if (versions === undefined) throw new Refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return versions;
  };

  function label(versions: Map<string, Version>, stage: string, to: string): void {
    const from = [...versions].find(([, version]) => version.stages.has(stage))?.[0];
    if (stage === 'AWSCURRENT' && from !== undefined && from !== to) label(versions, 'AWSPREVIOUS', from);
    for (const version of versions.values()) version.stages.delete(stage);
    versions.get(to)?.stages.add(stage);
  }

  function add(versions: Map<string, Version>, id: string, facts: { readonly value: string; readonly stages: readonly string[] }): void {
    versions.set(id, { value: facts.value, stages: new Set() });
    for (const stage of facts.stages) label(versions, stage, id);
  }

  const answers: Record<string, (ask: Record<string, unknown>) => object> = {
    GetSecretValue: ({ SecretId, VersionStage = 'AWSCURRENT' }) => {
      const found = [...versionsOf(String(SecretId))].find(([, { stages }]) => stages.has(String(VersionStage)));
      if (found === undefined) throw new Refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret value for staging label.");
      return { Name: SecretId, VersionId: found[0], SecretString: found[1].value, VersionStages: [...found[1].stages] };
    },
    PutSecretValue: ({ SecretId, ClientRequestToken, SecretString, VersionStages = ['AWSCURRENT'] }) => {
      const versions = versionsOf(String(SecretId));
      const id = String(ClientRequestToken);
      const standing = versions.get(id);
      if (standing !== undefined && standing.value !== SecretString) throw new Refusal('ResourceExistsException', 'A resource with the ID you requested already exists.');
      if (standing === undefined) add(versions, id, { value: String(SecretString), stages: Array.isArray(VersionStages) ? VersionStages.map(String) : [] });
      return { Name: SecretId, VersionId: id, VersionStages };
    },
    UpdateSecretVersionStage: ({ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId }) => {
      const versions = versionsOf(String(SecretId));
      const holder = [...versions].find(([, { stages }]) => stages.has(String(VersionStage)))?.[0];
      if (holder !== undefined && holder !== RemoveFromVersionId) {
        throw new Refusal('InvalidParameterException', `The parameter RemoveFromVersionId can't be empty. Staging label ${String(VersionStage)} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`);
      }
      if (MoveToVersionId === undefined) versions.get(String(RemoveFromVersionId))?.stages.delete(String(VersionStage));
      else if (typeof MoveToVersionId === 'string' && versions.has(MoveToVersionId)) label(versions, String(VersionStage), MoveToVersionId);
      else throw new Refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret version.");
      return { Name: SecretId };
    },
  };

  function edit(id: string, value: string): void {
    const versions = secrets.get(id) ?? new Map<string, Version>();
    secrets.set(id, versions);
    made += 1;
    add(versions, `by-hand-${String(made).padStart(24, '0')}`, { value, stages: ['AWSCURRENT'] });
  }

  async function answer(request: IncomingMessage): Promise<{ readonly status: number; readonly body: object } | undefined> {
    const name = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const ask: Record<string, unknown> = JSON.parse(await wholeText(request));
    const hook = hooks.get(name);
    hooks.delete(name);
    const mishap = hook?.();
    if (mishap === 'break') return undefined;
    calls.push(name);
    try {
      const work = answers[name];
      if (work === undefined) throw new Refusal('UnknownOperationException', name);
      const body = work(ask);
      return mishap === 'lose' ? undefined : { status: 200, body };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: 400, body: { __type: error.type, message: error.message } };
    }
  }

  for (const [id, value] of Object.entries(given)) edit(id, value);
  const server = createServer((request, response) => {
    void answer(request).then((said) => {
      if (said === undefined) request.socket.destroy();
      else response.writeHead(said.status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(said.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the witness has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    edit,
    labels: (id) => [...(secrets.get(id)?.values() ?? [])].flatMap(({ stages }) => [...stages]),
    current: (id) => [...(secrets.get(id)?.values() ?? [])].find(({ stages }) => stages.has('AWSCURRENT'))?.value,
    calls,
    before: (call, then) => void hooks.set(call, then),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
