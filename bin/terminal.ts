/**
 * The person in front of the terminal: how wide it is, and questions, with and without echo. Without a terminal there is none of it,
 * and a verb has to get by with what its command line says.
 */
import { Writable } from 'node:stream';
import { ConfigurationInvalid } from '../shared/base/errors.ts';

export interface Terminal {
  readonly columns: number;
  /** @throws the signal's reason after Ctrl-C; ConfigurationInvalid when the person ends the input instead of answering. */
  ask(question: string): Promise<string>;
  /** What is typed is not shown. */
  askSecret(question: string): Promise<string>;
}

const usualColumns = 80;

/** @returns undefined unless a person both reads and types. */
export function terminalOf(input: NodeJS.ReadStream, output: NodeJS.WriteStream, signal: AbortSignal): Terminal | undefined {
  if (!input.isTTY || !output.isTTY) return undefined;
  return {
    columns: output.columns > 0 ? output.columns : usualColumns,
    ask: (question) => asked({ input, output, echo: output, signal }, question),
    askSecret: async (question) => {
      const answer = await asked({ input, output, echo: new Writable({ write: (_chunk, _encoding, done) => done() }), signal }, question);
      output.write('\n');
      return answer;
    },
  };
}

interface Asking {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly echo: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

async function asked({ input, output, echo, signal }: Asking, question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises'); // most runs ask nobody
  const lines = createInterface({ input, output: echo, terminal: true });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT')); // raw mode has swallowed it: let it end us as anywhere else
  output.write(question);
  try {
    return await lines.question('', { signal });
  } catch (error) {
    output.write('\n');
    signal.throwIfAborted();
    throw new ConfigurationInvalid(['the question was not answered'], { cause: error });
  } finally {
    lines.close();
  }
}

/** All that comes through standard input, without the line end at its end. */
export async function textFrom(input: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const chunk of input) text += chunk.toString();
  return text.replace(/\r?\n$/, '');
}
