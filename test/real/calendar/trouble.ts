/**
 * What goes wrong outside of us, between runs and in the middle of one: a calendar that is gone, tokens and passwords that no
 * longer hold, a server that restarts. Each time: said with the right code, nothing lost or doubled, and the next run goes on.
 */
import assert from 'node:assert/strict';
import { concord } from './concord.ts';
import { addRows, afresh, atRest, deskAt, numbered } from './desk.ts';
import { called, sorted, type CalendarPromise } from './story.ts';
import { startBreakingGate } from '../servers/breaking-gate.ts';
import { anEventObject } from '../servers/calendar-member.ts';
import { directusCalls, idOf } from '../servers/directus-template.ts';

export function trouble(): readonly CalendarPromise[] {
  return [
    {
      name: 'a calendar that was known and is gone stops the run: nothing is withdrawn in Directus, and no empty one takes its place',
      run: async (servers) => {
        const desk = await afresh(servers, 'gone');
        await addRows(desk, numbered('Approved', 10));
        await desk.member.put(`${desk.calendar}member.ics`, anEventObject({ uid: 'member@example.org', summary: 'Member' }));
        await desk.run();
        const rows = await desk.editor.list();
        await desk.member.remove(desk.calendar);

        const next = await desk.run();

        assert.equal(next.exit, 1, next.stderr);
        assert.equal(next.report.state, 'failed');
        assert.match(next.report.problems.map(({ message }) => message).join(), /CALENDAR_MISSING/);
        assert.deepEqual(await desk.editor.list(), rows);
        assert.ok(!(await desk.member.list(desk.server.homeUrl)).includes(desk.calendar));
      },
    },
    {
      name: 'a Directus token that was revoked stops with exit 5 before anything is written, and a valid one goes on',
      run: async (servers) => {
        const desk = await afresh(servers, 'revoked');
        await addRows(desk, numbered('Before', 3));
        await desk.run();
        const admin = directusCalls({ url: desk.directus.url, token: desk.directus.adminToken });
        const bot = `/users/${idOf(await directusCalls(desk.directus)('GET', '/users/me?fields=id'))}`;
        await addRows(desk, numbered('After', 3));
        await desk.member.put(`${desk.calendar}member.ics`, anEventObject({ uid: 'member@example.org', summary: 'Member' }));

        await admin('PATCH', bot, { token: null });
        const revoked = await desk.run();
        const meanwhile = { titles: await desk.titles(), rows: (await desk.editor.list()).length };
        await admin('PATCH', bot, { token: desk.directus.token });
        await concord(desk.place, ['doctor']); // the same token, mended on the other side: it says that it may be tried at once
        const again = await desk.run();

        assert.equal(revoked.exit, 5, revoked.stderr);
        assert.deepEqual(meanwhile, { titles: sorted([...numbered('Before', 3), 'Member']), rows: 6 });
        assert.equal(again.exit, 0, again.stderr);
        assert.deepEqual(await desk.titles(), sorted([...numbered('Before', 3), ...numbered('After', 3), 'Member']));
        assert.equal((await desk.editor.list()).length, 7);
      },
    },
    {
      name: 'a wrong calendar password stops with exit 5 after one call, and the right one goes on',
      run: async (servers) => {
        const desk = await afresh(servers, 'password');
        await addRows(desk, numbered('Before', 3));
        await desk.run();
        await addRows(desk, numbered('After', 3));
        const { calendar } = desk.place;

        const wrong = await concord({ ...desk.place, calendar: { ...calendar, password: 'not this one' } }, ['run', 'directus-nextcloud']);
        const meanwhile = await desk.titles();
        const again = await desk.run();

        assert.equal(wrong.exit, 5, wrong.stderr);
        assert.equal(wrong.report.calls['nextcloud'], 1);
        assert.deepEqual(meanwhile, numbered('Before', 3));
        assert.equal(again.exit, 0, again.stderr);
        assert.equal((await desk.titles()).length, 6);
      },
    },
    {
      name: 'a sync token that the server has forgotten costs one full listing: changes before and after arrive, nothing is doubled',
      run: async (servers) => {
        const desk = await afresh(servers, 'forgotten');
        await addRows(desk, numbered('Approved', 10));
        for (const n of [1, 2, 3]) await desk.member.put(`${desk.calendar}member-${n}.ics`, anEventObject({ uid: `member-${n}@example.org`, summary: `Member ${n}` }));
        await desk.run();
        await desk.run();
        const { token } = await desk.member.changesSince(desk.calendar, '');
        await desk.member.edit(`${desk.calendar}member-1.ics`, anEventObject({ uid: 'member-1@example.org', summary: 'Member 1 changed' }));
        await desk.member.remove((await desk.objectCalled('Approved 1')).url);
        await desk.member.put(`${desk.calendar}late.ics`, anEventObject({ uid: 'late@example.org', summary: 'Late' }));
        await desk.member.changesSince(desk.calendar, '');
        await desk.server.forgetToken(desk.calendar, token);
        await assert.rejects(desk.member.changesSince(desk.calendar, token), new RegExp(`answered ${desk.server.facts.forgottenTokenStatus}`));

        const next = await desk.run();
        await desk.run();
        const quiet = await desk.run();

        assert.equal(next.exit, 0, `${next.stderr} ${JSON.stringify(next.report.problems)}`);
        assert.deepEqual(await desk.titles(), sorted([...numbered('Approved', 10), 'Late', 'Member 1 changed', 'Member 2', 'Member 3']));
        assert.equal((await desk.editor.list()).length, 14);
        assert.equal((await desk.rowCalled('Member 1 changed'))['nextcloud_uid'], 'member-1@example.org');
        assert.partialDeepStrictEqual(quiet.report.streams['events'], atRest);
        assert.deepEqual(quiet.report.calls, { directus: 1, nextcloud: 1 });
      },
    },
    {
      name: 'a calendar server killed and started again in the middle of a run loses nothing and doubles nothing',
      withinMs: 120_000,
      run: async (servers) => {
        const table = await afresh(servers, 'restarted');
        const way = await startBreakingGate({ origin: new URL(table.server.homeUrl).origin, afterWrites: 10 });
        const homeUrl = table.server.homeUrl.replace(new URL(table.server.homeUrl).origin, way.origin);
        const desk = deskAt(table, { ...table.place, calendar: { ...table.place.calendar, homeUrl } });
        await addRows(desk, numbered('Approved', 80));
        await desk.member.put(`${desk.calendar}member.ics`, anEventObject({ uid: 'member@example.org', summary: 'Member' }));
        const run = desk.run();
        await way.broken;
        await desk.server.kill();
        await desk.server.restart();
        const inTheMiddle = (await desk.member.list(desk.calendar)).length;
        way.mend();
        const interrupted = await run;

        // What found no server in its quick retries is due an hour later, or when a person touches it.
        const problems = (await desk.run()).report.problems;
        const admin = directusCalls({ url: desk.directus.url, token: desk.directus.adminToken });
        await admin('PATCH', '/items/events', { query: { filter: { approved: { _eq: true } }, limit: -1 }, data: { location: 'Town hall' } });
        const next = await desk.run();
        const quiet = await desk.run();

        // The member's, what was written before the way broke, and what was on it then.
        assert.ok(inTheMiddle >= 11 && inTheMiddle < 81, `restarted after ${inTheMiddle} of 81`);
        assert.ok([0, 1, 3].includes(interrupted.exit ?? -1), `${interrupted.exit} ${interrupted.stderr}`);
        assert.deepEqual(problems.filter(({ code }) => code !== 'E_UNAVAILABLE'), []);
        assert.equal(next.exit, 0, `${next.stderr} ${JSON.stringify(next.report.problems).slice(0, 1000)}`);
        assert.deepEqual(await called(desk, 'Approved'), sorted(numbered('Approved', 80)));
        assert.equal((await desk.editor.list()).length, 81);
        assert.partialDeepStrictEqual(quiet.report.streams['events'], atRest);
        await way.stop();
      },
    },
  ];
}
