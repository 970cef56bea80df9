/** A verb in this process, with a person at its terminal who answers from a list; what it prints and ends with. */
import { Command } from 'commander';
import { Readable } from 'node:stream';
import type { Context } from '../../bin/context.ts';
import { systemClock, type Clock } from '../../shared/base/clock.ts';
import type { Variables } from '../../shared/base/config.ts';
import type { Ended } from './concord.ts';

export interface Inside {
  readonly folder: string;
  readonly env: Variables;
  /** What the person types, question by question; no terminal when undefined. */
  readonly answers?: readonly string[] | undefined;
  readonly columns?: number | undefined;
  /** What comes through standard input. */
  readonly input?: string | undefined;
  /** Calls systems. */
  readonly fetch?: typeof fetch | undefined;
  /** Told of what is printed for a person while it goes on. */
  readonly heard?: ((text: string) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** @throws what the verb throws. */
export async function inside(add: (program: Command, context: Context) => void, place: Inside, args: readonly string[]): Promise<Ended & { readonly asked: readonly string[] }> {
  let [out, err] = ['', ''];
  const asked: string[] = [];
  const left = [...(place.answers ?? [])];
  const answer = async (question: string): Promise<string> => {
    asked.push(question);
    const next = left.shift();
    if (next === undefined) throw new Error(`nobody answers: ${question}`);
    return next;
  };
  const context: Context = {
    clock: place.clock ?? systemClock,
    env: place.env,
    folder: place.folder,
    dotenv: undefined,
    out: (text) => { out += text; },
    err: (text) => {
      err += text;
      place.heard?.(text);
    },
    isInteractive: false,
    terminal: place.answers === undefined ? undefined : { columns: place.columns ?? 80, ask: answer, askSecret: answer },
    input: Readable.from(place.input === undefined ? [] : [place.input]),
    stops: { signal: new AbortController().signal, code: () => 130, isService: () => false, release: () => {} },
    fetch: place.fetch ?? fetch,
    code: 0,
  };
  const program = new Command('concord').exitOverride();
  add(program, context);
  await program.parseAsync(args, { from: 'user' });
  return { code: context.code, out, err, asked };
}
