/**
 * Which sign-ins are under way: one row for each, under a digest of its state, gone with its first use or after ten minutes.
 *
 *   pk <connector>#consent   sk <digest of the state>
 */
import { ConditionFailed } from '../base/errors.ts';
import type { Key, Table } from '../base/table.ts';
import type { ConsentStates } from '../http/oauth-consent.ts';

export function consentStates(table: Table, connector: string): ConsentStates {
  const keyOf = (state: string): Key => ({ table: 'runs', pk: `${connector}#consent`, sk: state });
  return {
    keep: async (state, until) => {
      await table.write([{ kind: 'put', row: { ...keyOf(state), body: {}, expiresAt: until }, when: 'absent' }]);
    },
    take: async (state) => {
      const row = await table.get(keyOf(state));
      if (row === undefined) return false;
      try {
        await table.write([{ kind: 'delete', key: keyOf(state), when: { rev: row.rev } }]);
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false; // somebody else used it first
        throw error;
      }
    },
  };
}
