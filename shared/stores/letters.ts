/**
 * What gave up on its way to a worker: messages that were tried too often, or that nobody could read, and starts that never began. A row
 * tells which links were meant, when and how often it was tried; none holds what an item says. The work itself stands on the links all
 * the time, so a letter asks for a person's look, not for the work.
 *
 *   pk <connector>#letter   sk message id   a message that arrives here twice is one letter
 */
import type { Clock } from '../base/clock.ts';
import type { Key, Table } from '../base/table.ts';
import { bodyOf, readBody } from './row-body.ts';

export interface Letter {
  /** The message's, wherever it came from. */
  readonly id: string;
  /** When it was first sent, epoch ms. */
  readonly at: number;
  /** `tried`: too often, each time without an end. `unreadable`: it is no message of ours. `not-started`: a run that nobody could start. */
  readonly why: 'tried' | 'unreadable' | 'not-started';
  readonly stream?: string | undefined;
  readonly plan?: string | undefined;
  /** The links it was about. */
  readonly keys: readonly string[];
  readonly tries: number;
}

export interface LetterStore {
  add(letter: Letter): Promise<void>;
  /** The oldest first; at most 1 000. */
  list(): Promise<readonly Letter[]>;
  remove(letters: readonly Letter[]): Promise<void>;
}

const keptMs = 90 * 86_400_000;

export function letterStore(table: Table, connector: string, clock: Clock): LetterStore {
  const keyOf = (id: string): Key => ({ table: 'runs', pk: `${connector}#letter`, sk: id });
  return {
    add: async (letter) => {
      await table.write([{ kind: 'put', row: { ...keyOf(letter.id), body: bodyOf(letter), expiresAt: clock.now() + keptMs }, when: 'any' }]);
    },
    list: async () => {
      const { rows } = await table.query({ table: 'runs', pk: keyOf('').pk });
      return rows.map((row): Letter => readBody(row, ['id', 'at', 'why', 'keys'])).sort((left, right) => left.at - right.at);
    },
    remove: async (letters) => {
      await table.writeGroups(letters.map(({ id }) => [{ kind: 'delete', key: keyOf(id), when: 'any' }]));
    },
  };
}
