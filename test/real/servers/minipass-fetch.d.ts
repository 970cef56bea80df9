/** What we use of a package that brings no types. */
declare module 'minipass-fetch' {
  import type { Agent } from 'node:http';

  export interface Answer {
    readonly status: number;
    readonly ok: boolean;
    readonly headers: Iterable<[string, string]> & { get(name: string): string | null };
    readonly body: AsyncIterable<Uint8Array>;
    text(): Promise<string>;
  }

  export default function fetch(
    url: string,
    init: {
      readonly method?: string;
      readonly headers?: { readonly [name: string]: string };
      readonly body?: string | Buffer | undefined;
      readonly agent?: Agent;
      readonly compress?: boolean;
      readonly redirect?: 'manual';
      readonly signal?: AbortSignal;
    },
  ): Promise<Answer>;
}
