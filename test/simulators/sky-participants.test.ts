import { describe, expect, test } from 'vitest';
import { rsvpStatuses } from '../../shared/simulators/sky-shapes.ts';
import type { SkySettings } from '../../shared/simulators/sky-settings.ts';
import { connected, eventRefusal } from './sky-caller.ts';

/** An event and a donor who is not on it yet. */
function withEvent(settings: Partial<SkySettings> = {}) {
  const sky = connected(settings);
  const eventId = sky.events.add({ name: 'Monterrey', start_date: '2027-07-11' }).id;
  const donor = sky.constituents.add({ first: 'Dana', last: 'Whitlock', email: { address: 'whitlock.home@example.org', type: 'Email' } });
  const path = `/event/v1/events/${eventId}/participants`;
  const roster = async (query = '') => (await sky.list(path + query)).value;
  return { sky, eventId, donorId: donor.id, donor, path, roster };
}

describe('create', () => {
  test('takes the fields of the specification and shows them in both forms', async () => {
    const { sky, eventId, donorId, donor, path, roster } = withEvent();
    const level = sky.addLevel('Leader');

    const id = await sky.post(path, {
      constituent_id: donorId,
      rsvp_status: 'Attending',
      invitation_status: 'NotApplicable',
      rsvp_date: { y: 2026, m: 1, d: 19 },
      participation_level: { name: 'Leader' },
      summary_note: 'ServiceReef SR-31877/70411',
    });

    const [row] = await roster();
    expect(row).toMatchObject({
      id,
      contact_id: donorId,
      is_constituent: true,
      lookup_id: donor.lookup_id,
      name: 'Dana Whitlock',
      first_name: 'Dana',
      last_name: 'Whitlock',
      email: 'whitlock.home@example.org',
      rsvp_status: 'Attending',
      invitation_status: 'NotApplicable',
      attended: false,
      rsvp_date: { y: 2026, m: 1, d: 19 },
      participation_level: { id: level.id, name: 'Leader', is_inactive: false },
      summary_note: 'ServiceReef SR-31877/70411',
    });
    expect(row).not.toHaveProperty('constituent_id');
    const single = await sky.row(`/event/v1/participants/${id}`);
    expect(single).toMatchObject({ id, constituent_id: donorId, event_id: eventId, rsvp_status: 'Attending' });
    expect(single).not.toHaveProperty('contact_id');
  });

  test.each(rsvpStatuses)('the status %s is known', async (status) => {
    const { sky, donorId, path } = withEvent();

    expect((await sky.ask('POST', path, { constituent_id: donorId, rsvp_status: status })).status).toBe(200);
  });

  test.each([
    { what: 'Cancelled with two L', more: { rsvp_status: 'Cancelled' } },
    { what: 'another invitation', more: { invitation_status: 'Sent' } },
    { what: 'a date that is a text', more: { rsvp_date: '2026-01-19' } },
    { what: 'a month beyond twelve', more: { rsvp_date: { m: 13 } } },
    { what: 'the field of an old client', more: { status: 'Registered' } },
    { what: 'a level that is not there', more: { participation_level: { id: '1' } } },
    { what: 'a person who is not there', more: { constituent_id: '99' } },
    { what: 'a host who is not there', more: { host_id: '99' } },
    { what: 'attended as null', more: { attended: null } },
  ])('with $what is 400', async ({ more }) => {
    const { sky, donorId, path, roster } = withEvent();

    expect(eventRefusal(await sky.ask('POST', path, { constituent_id: donorId, ...more })).status).toBe(400);
    expect(await roster()).toEqual([]);
  });

  test('on an event that is not there it is 404', async () => {
    const { sky, donorId } = withEvent();

    expect(eventRefusal(await sky.ask('POST', '/event/v1/events/99/participants', { constituent_id: donorId })).status).toBe(404);
  });

  test('a second participant of one constituent is refused', async () => {
    const { sky, donorId, path, roster } = withEvent();
    await sky.post(path, { constituent_id: donorId });

    const refusal = eventRefusal(await sky.ask('POST', path, { constituent_id: donorId }));

    expect(refusal).toMatchObject({ status: 400, name: 'BadRequest' });
    expect(refusal.message).toContain('already a participant');
    expect(await roster()).toHaveLength(1);
  });

  test('or it becomes a second row', async () => {
    const { sky, donorId, path, roster } = withEvent({ secondParticipant: 'second-row' });
    await sky.post(path, { constituent_id: donorId });
    await sky.post(path, { constituent_id: donorId });

    expect((await roster()).map(({ contact_id: id }) => id)).toEqual([donorId, donorId]);
  });

  test('who is no constituent can only come as a guest; a guest may be unnamed', async () => {
    const { sky, donorId, path, roster } = withEvent();
    const stranger = sky.constituents.add({ last: 'Stranger', is_constituent: false });

    const alone = await sky.ask('POST', path, { constituent_id: stranger.id });
    const nobody = await sky.ask('POST', path, { rsvp_status: 'Attending' });
    const hostId = await sky.post(path, { constituent_id: donorId });
    await sky.post(path, { constituent_id: stranger.id, host_id: hostId });
    await sky.post(path, { host_id: hostId });

    expect([eventRefusal(alone).status, eventRefusal(nobody).status]).toEqual([400, 400]);
    const rows = await roster();
    expect(rows).toHaveLength(3);
    expect(rows.find(({ id }) => id === hostId)?.['guests']).toHaveLength(2);
    expect(rows.find(({ contact_id: id }) => id === stranger.id)).toMatchObject({ is_constituent: false, host: { participant_id: hostId, contact_id: donorId, name: 'Dana Whitlock' } });
  });
});

describe('edit', () => {
  test('changes what is sent and leaves attendance alone', async () => {
    const { sky, donorId, eventId } = withEvent();
    const { id } = sky.participants.add(eventId, { constituent_id: donorId, rsvp_status: 'Attending', attended: true });

    const answer = await sky.ask('PATCH', `/event/v1/participants/${id}`, { rsvp_status: 'Canceled', rsvp_date: null });

    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(sky.participants.get(id)).toMatchObject({ rsvp_status: 'Canceled', attended: true, constituent_id: donorId, rsvp_date: null });
  });

  test.each([{ attended: null }, { rsvp_status: null }, { rsvp_date: '2026-01-19' }, { name: 'x' }])('with %j is 400', async (body) => {
    const { sky, donorId, eventId } = withEvent();
    const { id } = sky.participants.add(eventId, { constituent_id: donorId });

    expect(eventRefusal(await sky.ask('PATCH', `/event/v1/participants/${id}`, body)).status).toBe(400);
  });

  test('a wrong match is mended by another constituent, who must not be there already', async () => {
    const { sky, donorId, eventId } = withEvent();
    const other = sky.constituents.add();
    const third = sky.constituents.add();
    const { id } = sky.participants.add(eventId, { constituent_id: donorId, summary_note: 'kept' });
    sky.participants.add(eventId, { constituent_id: third.id });

    await sky.ask('PATCH', `/event/v1/participants/${id}`, { constituent_id: other.id });
    const taken = await sky.ask('PATCH', `/event/v1/participants/${id}`, { constituent_id: third.id });

    expect(eventRefusal(taken).status).toBe(400);
    expect(sky.participants.get(id)).toMatchObject({ constituent_id: other.id, summary_note: 'kept' });
  });

  test('a participant becomes a guest and stays the person that it was', async () => {
    const { sky, donorId, eventId } = withEvent();
    const host = sky.participants.add(eventId, { constituent_id: sky.constituents.add().id });
    const { id } = sky.participants.add(eventId, { constituent_id: donorId });

    expect((await sky.ask('PATCH', `/event/v1/participants/${id}`, { host_id: host.id })).status).toBe(200);
    expect(sky.participants.get(id)).toMatchObject({ host_id: host.id, constituent_id: donorId });
  });

  test('a deleted participant is 404 from then on', async () => {
    const { sky, donorId, eventId, path } = withEvent();
    const { id } = sky.participants.add(eventId, { constituent_id: donorId });
    await sky.ask('DELETE', `/event/v1/participants/${id}`);

    for (const method of ['GET', 'DELETE']) expect(eventRefusal(await sky.ask(method, `/event/v1/participants/${id}`)).status).toBe(404);
    expect(eventRefusal(await sky.ask('PATCH', `/event/v1/participants/${id}`, {})).status).toBe(404);
    expect((await sky.ask('POST', path, { constituent_id: donorId })).status).toBe(200);
  });
});

function filled() {
  const made = withEvent();
  for (const [first, last, rsvp] of [['Ann', 'Zeller', 'Attending'], ['Bo', 'Moss', 'Declined'], ['Cy', 'Abel', 'Canceled']] as const) {
    const { id } = made.sky.constituents.add({ first, last });
    made.sky.participants.add(made.eventId, { constituent_id: id, rsvp_status: rsvp, invitation_status: rsvp === 'Declined' ? 'Invited' : 'NotApplicable' });
  }
  return made;
}

describe('the roster', () => {
  test.each([
    { query: '', names: ['Abel', 'Moss', 'Zeller'] },
    { query: '?sort=-last_name', names: ['Zeller', 'Moss', 'Abel'] },
    { query: '?sort=first_name', names: ['Zeller', 'Moss', 'Abel'] },
    { query: '?rsvp_status=Attending,Canceled', names: ['Abel', 'Zeller'] },
    { query: '?invitation_status=Invited', names: ['Moss'] },
    { query: '?name=bo', names: ['Moss'] },
    { query: '?limit=1&offset=2', names: ['Zeller'] },
    { query: '?last_modified=2030-01-01T00:00:00Z', names: [] },
  ])('"$query" brings $names', async ({ query, names }) => {
    expect((await filled().roster(query)).map(({ last_name: name }) => name)).toEqual(names);
  });

  test('tells the number of all rows', async () => {
    const { sky, path } = filled();

    expect(await sky.list(`${path}?limit=2`)).toMatchObject({ count: 3, value: [{}, {}] });
  });

  test('a new row may be missing for a while, and be taken already all the same', async () => {
    const { sky, donorId, path, roster } = withEvent({ rosterDelaySeconds: 60 });
    const id = await sky.post(path, { constituent_id: donorId });
    const before = await roster();
    const second = await sky.ask('POST', path, { constituent_id: donorId });
    sky.clock.advance(60_000);

    expect([before, second.status]).toEqual([[], 400]);
    expect((await roster()).map((row) => row['id'])).toEqual([id]);
  });

  test('a row may name the person by constituent_id', async () => {
    const { sky, donorId, eventId, roster } = withEvent({ rosterPerson: 'constituent_id' });
    sky.participants.add(eventId, { constituent_id: donorId });

    expect((await roster())[0]).toMatchObject({ constituent_id: donorId });
  });

  test('one call tells every event of one person', async () => {
    const { sky, donorId, eventId } = withEvent();
    const { id } = sky.participants.add(eventId, { constituent_id: donorId, rsvp_status: 'Attending' });

    const { value } = await sky.list(`/event/v1/constituents/${donorId}/eventparticipation`);

    expect(value).toMatchObject([{ participant_id: id, event_id: eventId, event_name: 'Monterrey', event_start_date: '2027-07-11', rsvp_status: 'Attending' }]);
  });
});

function withParticipant() {
  const made = withEvent();
  const { id } = made.sky.participants.add(made.eventId, { constituent_id: made.donorId });
  return { ...made, participantId: id };
}

describe('options and fees', () => {
  test('a raw status lives in a text option', async () => {
    const { sky, eventId, participantId } = withParticipant();
    const optionId = await sky.post(`/event/v1/events/${eventId}/eventparticipantoptions`, { name: 'ServiceReef status', input_type: 'String' });
    const valueId = await sky.post(`/event/v1/participants/${participantId}/participantoptions`, { event_participant_option_id: optionId, option_value: 'WaitingApproval' });

    await sky.ask('PATCH', `/event/v1/participantoptions/${valueId}`, { option_value: 'Approved' });

    expect((await sky.list(`/event/v1/events/${eventId}/eventparticipantoptions`)).value).toMatchObject([{ id: optionId, name: 'ServiceReef status', input_type: 'String' }]);
    expect(sky.optionValues()).toMatchObject([{ participant_id: participantId, option_value: 'Approved' }]);
  });

  test.each([
    { option: { name: 'Shirt', input_type: 'List', list_options: [{ name: 'S', sequence: 0 }] }, good: 'S', bad: 'XXL' },
    { option: { name: 'Vegetarian', input_type: 'Boolean' }, good: 'true', bad: 'perhaps' },
  ])('a value has to be one of its option: $good, not $bad', async ({ option, good, bad }) => {
    const { sky, eventId, participantId } = withParticipant();
    const optionId = await sky.post(`/event/v1/events/${eventId}/eventparticipantoptions`, option);
    const give = (value: string) => sky.ask('POST', `/event/v1/participants/${participantId}/participantoptions`, { event_participant_option_id: optionId, option_value: value });

    expect([(await give(good)).status, (await give(bad)).status]).toEqual([200, 400]);
  });

  test('the option of another event is refused', async () => {
    const { sky, participantId } = withParticipant();
    const other = sky.events.add();
    const optionId = await sky.post(`/event/v1/events/${other.id}/eventparticipantoptions`, { name: 'x', input_type: 'String' });

    const answer = await sky.ask('POST', `/event/v1/participants/${participantId}/participantoptions`, { event_participant_option_id: optionId, option_value: 'y' });

    expect(eventRefusal(answer).status).toBe(400);
  });

  test('fees are asked of an event and added up for a participant', async () => {
    const { sky, eventId, participantId, roster } = withParticipant();
    const feeId = await sky.post(`/event/v1/events/${eventId}/eventfees`, { name: 'Trip', cost: 1450, contribution_amount: 0, fee_type: 'Registration' });
    await sky.post(`/event/v1/participants/${participantId}/fees`, { event_fee_id: feeId, quantity: 1, fee_amount: 1450, contribution_amount: 0 });

    expect((await sky.list(`/event/v1/participants/${participantId}/fees`)).value).toMatchObject([{ event_fee_id: feeId, event_fee: { name: 'Trip' } }]);
    expect((await roster())[0]).toMatchObject({ total_fees: 1450 });
    expect((await sky.list(`/event/v1/events/${eventId}/eventfees`)).count).toBe(1);
  });
});
