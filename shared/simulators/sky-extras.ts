/**
 * What an event asks of its participants beside coming: options (a shirt size, the raw status of another system) and fees. As far as
 * the specification goes; payments of fees need gifts, which are left out.
 */
import { bodyOf } from './sky-bodies.ts';
import type { Call } from './call.ts';
import { badRequest, notFound } from './sky-errors.ts';
import { eventIn } from './sky-events.ts';
import { eventPage } from './sky-paging.ts';
import { participantIn } from './sky-participants.ts';
import { newStamps, timestamp, type SkyState } from './sky-records.ts';
import { eventFeeAdd, eventOptionAdd, optionValueAdd, optionValueEdit, participantFeeAdd } from './sky-shapes.ts';

type On = (method: string, pattern: string, handler: (call: Call) => unknown) => void;

interface EventOption {
  readonly id: string;
  readonly event_id: string;
  readonly name: string;
  readonly input_type: 'Boolean' | 'String' | 'List';
  readonly list_options?: readonly { readonly name: string }[] | undefined;
  readonly addedAt: number;
}

/** What a participant has answered to an option. */
export interface OptionValue {
  readonly id: string;
  readonly participant_id: string;
  readonly event_participant_option_id: string;
  readonly option_value: string;
}

interface Fee {
  readonly id: string;
  readonly participant_id: string;
  readonly event_fee_id: string;
  readonly quantity: number;
  readonly fee_amount: number;
}

export interface Extras {
  readonly routes: (on: On) => void;
  readonly feesOf: (participantId: string) => number;
  readonly optionValues: () => readonly OptionValue[];
}

export function extras(state: SkyState): Extras {
  const options = new Map<string, EventOption>();
  const values = new Map<string, OptionValue>();
  const eventFees = new Map<string, { id: string; event_id: string; name: string; cost: number }>();
  const fees = new Map<string, Fee>();

  function refuseBadValue(option: EventOption, value: string): void {
    const allowed = option.input_type === 'Boolean' ? ['true', 'false'] : option.input_type === 'List' ? (option.list_options ?? []).map(({ name }) => name) : undefined;
    if (allowed && !allowed.includes(value)) throw badRequest('The option_value is not one of the option.');
  }

  return {
    feesOf: (participantId) => [...fees.values()].filter((fee) => fee.participant_id === participantId).reduce((sum, fee) => sum + fee.fee_amount, 0),
    optionValues: () => [...values.values()],
    routes(on) {
      on('POST', '/event/v1/events/:id/eventparticipantoptions', (call) => {
        const event = eventIn(state, call);
        const option = { ...bodyOf(call, eventOptionAdd), ...newStamps(state), event_id: event.id };
        options.set(option.id, option);
        return { id: option.id };
      });
      on('GET', '/event/v1/events/:id/eventparticipantoptions', (call) => {
        const event = eventIn(state, call);
        const rows = [...options.values()].filter(({ event_id: eventId }) => eventId === event.id);
        return eventPage(call, rows, ({ id, name, input_type, list_options, addedAt }) => ({ id, name, input_type, list_options, date_added: timestamp(addedAt) }));
      });
      on('POST', '/event/v1/participants/:id/participantoptions', (call) => {
        const participant = participantIn(state, call);
        const sent = bodyOf(call, optionValueAdd);
        const option = options.get(sent.event_participant_option_id);
        if (option?.event_id !== participant.event_id) throw badRequest('The option is not one of this event.');
        refuseBadValue(option, sent.option_value);
        const value = { ...sent, id: state.newId(), participant_id: participant.id };
        values.set(value.id, value);
        return { id: value.id };
      });
      on('PATCH', '/event/v1/participantoptions/:id', (call) => {
        const value = values.get(call.params['id'] ?? '');
        const option = options.get(value?.event_participant_option_id ?? '');
        if (!value || !option) throw notFound();
        const { option_value } = bodyOf(call, optionValueEdit);
        refuseBadValue(option, option_value);
        values.set(value.id, { ...value, option_value });
        return new Response(null, { status: 200 });
      });
      on('POST', '/event/v1/events/:id/eventfees', (call) => {
        const event = eventIn(state, call);
        const fee = { ...bodyOf(call, eventFeeAdd), id: state.newId(), event_id: event.id };
        eventFees.set(fee.id, fee);
        return { id: fee.id };
      });
      on('GET', '/event/v1/events/:id/eventfees', (call) => {
        const event = eventIn(state, call);
        return eventPage(call, [...eventFees.values()].filter((fee) => fee.event_id === event.id), (fee) => fee);
      });
      on('POST', '/event/v1/participants/:id/fees', (call) => {
        const participant = participantIn(state, call);
        const sent = bodyOf(call, participantFeeAdd);
        if (eventFees.get(sent.event_fee_id)?.event_id !== participant.event_id) throw badRequest('The fee is not one of this event.');
        const fee = { ...sent, id: state.newId(), participant_id: participant.id };
        fees.set(fee.id, fee);
        return { id: fee.id };
      });
      on('GET', '/event/v1/participants/:id/fees', (call) => {
        const participant = participantIn(state, call);
        return eventPage(call, [...fees.values()].filter((fee) => fee.participant_id === participant.id), (fee) => ({ ...fee, event_fee: eventFees.get(fee.event_fee_id) }));
      });
    },
  };
}
