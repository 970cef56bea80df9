/**
 * The person in front of the terminal: how wide it is, and questions, with and without echo. Without a terminal there is none of it,
 * and a verb has to get by with what its command line says.
 */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export interface Terminal {
  readonly columns: number;
  /** @throws the signal's reason when the person gives up with Ctrl-C. */
  ask(question: string): Promise<string>;
  /** What is typed is not shown. */
  askSecret(question: string): Promise<string>;
}

const usualColumns = 80;

/** @returns undefined unless a person both reads and types. */
export function terminalOf(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Terminal | undefined {
  if (!input.isTTY || !output.isTTY) return undefined;
  return {
    columns: output.columns > 0 ? output.columns : usualColumns,
    ask: (question) => asked(input, output, output, question),
    askSecret: async (question) => {
      const answer = await asked(input, output, new Writable({ write: (_chunk, _encoding, done) => done() }), question);
      output.write('\n');
      return answer;
    },
  };
}

async function asked(input: NodeJS.ReadStream, output: NodeJS.WriteStream, echo: Writable, question: string): Promise<string> {
  const stopped = new AbortController();
  const lines = createInterface({ input, output: echo, terminal: true });
  lines.on('SIGINT', () => {
    stopped.abort(new DOMException('stopped by a signal', 'AbortError'));
    process.kill(process.pid, 'SIGINT'); // raw mode has swallowed it: let it end us as anywhere else
  });
  output.write(question);
  try {
    return await lines.question('', { signal: stopped.signal });
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
