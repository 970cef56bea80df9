/**
 * The twenty-sixth defect of the older service (sheet servicereef-nxt, 7.2): what is nobody's business stood in its logs. ServiceReef's simulator puts
 * private fields with planted values into every participant; here they are looked for wherever nothing private may ever be.
 */
import { describe, expect, test } from 'vitest';
import type { Table, TableWrite } from '../../../shared/base/table.ts';
import { plantedValues } from '../../../shared/simulators/servicereef-wire.ts';
import { aMission, dana, donor, hourMs, theo, theWhitlocks, type Mission } from './a-mission.ts';

async function laterRun(hub: Mission) {
  hub.clock.advance(hourMs);
  return hub.run();
}

/** Everything that was ever written to the table, and what stands there at the end. */
function watchedTable() {
  const written: string[] = [];
  const standing = new Map<string, string>();
  const note = (writes: readonly TableWrite[]): void => {
    for (const write of writes) {
      if (write.kind === 'check') continue;
      const { table, pk, sk } = write.kind === 'put' ? write.row : write.key;
      if (write.kind === 'delete') standing.delete(`${table} ${pk} ${sk}`);
      else {
        written.push(JSON.stringify(write.row));
        standing.set(`${table} ${pk} ${sk}`, JSON.stringify(write.row));
      }
    }
  };
  const wrapTable = (table: Table): Table => ({
    ...table,
    write: (group) => { note(group); return table.write(group); },
    writeGroups: (groups) => { note(groups.flat()); return table.writeGroups(groups); },
  });
  return { written, standing, wrapTable };
}

/** A season in which much goes wrong. @returns all that was told. */
async function aHardSeason(hub: Mission): Promise<string> {
  const told: unknown[] = [];
  const run = async (): Promise<void> => {
    told.push(await laterRun(hub).catch((error: unknown) => (error instanceof Error ? [error.message, error.stack, String(error.cause)] : error)));
  };
  for (let n = 0; n < 2; n += 1) hub.sky.constituents.add(donor('Ines', 'Okafor', 'ines.okafor@example.net'));
  const userId = hub.signUp(dana);
  hub.signUp({ firstName: 'Ines', lastName: 'Okafor', email: 'ines.okafor@example.net' });
  hub.signUp(theo, { status: 'On the bus' });
  hub.sky.faults.add({ kind: 'status', status: 400, body: JSON.stringify([{ Message: `The constituent Dana Whitlock (${theWhitlocks.email}) is refused`, ErrorCode: 1 }]), when: { method: 'POST', pathPart: '/constituents' }, times: 1 });
  await run();
  hub.sky.faults.add({ kind: 'wrong-body', body: `<html>${theWhitlocks.email}</html>`, when: { pathPart: '/search' }, times: 2 });
  hub.clock.advance(24 * hourMs);
  await run();
  hub.sky.faults.clear();
  hub.clock.advance(24 * hourMs);
  await run();
  hub.reef.members.edit(userId, { lastName: 'Whitlock-Reyes' });
  hub.sky.settings.isDown = true;
  await run();
  hub.sky.settings.isDown = false;
  hub.clock.advance(24 * hourMs);
  await run();
  hub.reef.settings.isDown = true;
  await run();
  hub.reef.settings.isDown = false;
  await run();
  return JSON.stringify([told, hub.logged, hub.notices]);
}

describe('26 what is nobody’s business', () => {
  test('26 no log line, message, report or error holds a name, an e-mail, a phone or anything from a passport or an application', async () => {
    const hub = aMission();

    const told = await aHardSeason(hub);

    expect(told).toMatch(/E_WHO_IS_IT/);
    expect(told).toMatch(/E_STATUS_UNKNOWN/);
    expect(told).not.toMatch(/whitlock|okafor|dana|theo\b|ines\b|example\.net|555-?01|%40/i);
    for (const planted of plantedValues) expect(told).not.toContain(planted);
  });

  test('26 no row of the table ever holds a passport or an answer, and none holds a name once nothing is staged', async () => {
    const { written, standing, wrapTable } = watchedTable();
    const hub = aMission({ wrapTable });
    const userId = hub.signUp(dana);
    hub.signUp(theo);
    await hub.run();
    hub.reef.members.edit(userId, { phone: '(513) 555-0188' });
    await laterRun(hub);
    const atRest = [...standing.values()].join('\n');

    await aHardSeason(hub);

    expect(written.length).toBeGreaterThan(10);
    for (const planted of plantedValues) expect(written.join('\n')).not.toContain(planted);
    expect(atRest).not.toMatch(/whitlock|dana|theo\b|example\.net|555-?01/i);
  });
});
