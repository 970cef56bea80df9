/**
 * The few calls that a person makes in AWS' console or with its command line, against the emulator: invoke a function, read and write a
 * secret, send a message, list tables. By hand, because what is deployed is under test here and not a client; the emulator takes account and
 * region from the credential and checks no signature.
 */
import type { Ministack } from '../servers/ministack.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

interface Call {
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export type Aws = ReturnType<typeof awsCalls>;

const targets = { dynamodb: ['DynamoDB_20120810', '1.0'], sqs: ['AmazonSQS', '1.0'], secretsmanager: ['secretsmanager', '1.1'] } as const;

export function awsCalls({ url, account, region }: Pick<Ministack, 'url' | 'account' | 'region'>) {
  const credential = (service: string): string => `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=none`;

  async function call({ service, method, path, headers, body }: Call): Promise<Answer> {
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { 'content-type': 'application/json', ...headers, authorization: credential(service) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    if (!answer.ok) throw new Error(`${service} ${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return { status: answer.status, headers: answer.headers, body: parsed };
  }
  return {
    rest: call,
    /** An action of a service whose protocol is JSON: `json('sqs', 'SendMessage', ...)`. */
    json: async (service: keyof typeof targets, action: string, body: unknown): Promise<unknown> => {
      const [target, version] = targets[service];
      return (await call({ service, method: 'POST', path: '/', headers: { 'x-amz-target': `${target}.${action}`, 'content-type': `application/x-amz-json-${version}` }, body })).body;
    },
    /** Lets a stack be deleted that refuses to be. */
    unprotect: async (stack: string): Promise<void> => {
      const body = new URLSearchParams({ Action: 'UpdateTerminationProtection', Version: '2010-05-15', StackName: stack, EnableTerminationProtection: 'false' });
      const answer = await fetch(url, { method: 'POST', headers: { authorization: credential('cloudformation') }, body });
      if (!answer.ok) throw new Error(`cloudformation: ${answer.status} ${await answer.text()}`);
    },
    /** Waits for the function's answer. @throws what the function threw. */
    invoke: async (name: string, event: unknown): Promise<unknown> => {
      const { headers, body } = await call({ service: 'lambda', method: 'POST', path: `/2015-03-31/functions/${name}/invocations`, body: event });
      if (headers.get('x-amz-function-error') !== null) throw new Error(`${name} threw: ${JSON.stringify(body)}`);
      return body;
    },
  };
}
