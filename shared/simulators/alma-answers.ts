/**
 * How Alma says things: users as the API shows them, refusals with Alma's codes, and both as JSON or as XML. The shapes of refusals
 * are confirmed in both; a user in XML is cut down to its plain texts, since no client here reads one.
 */
import type { AlmaCode, AlmaUser } from './alma-users.ts';
import type { Call } from './call.ts';
import { json } from './simulator.ts';

/** Thrown inside the simulator. `isGateway`: it comes from in front of Alma, which may not care which format was asked for. */
export class AlmaRefusal extends Error {
  readonly status: number;
  /** A text, even where it looks like a number. */
  readonly errorCode: string;
  readonly isGateway: boolean;

  constructor(facts: { status: number; errorCode: string; message: string; isGateway?: boolean }) {
    super(facts.message);
    this.status = facts.status;
    this.errorCode = facts.errorCode;
    this.isGateway = facts.isGateway ?? false;
  }
}

export interface ShownUserRules {
  readonly view: 'full' | 'brief';
  readonly briefHasGroup: boolean;
  readonly noIdentifiers: 'empty' | 'missing';
  readonly link: string;
}

export function shownUser(user: AlmaUser, rules: ShownUserRules): Record<string, unknown> {
  const isFull = rules.view === 'full';
  const hasIdentifiers = user.identifiers.length > 0 || rules.noIdentifiers === 'empty';
  return {
    record_type: coded(user.recordType),
    primary_id: user.primaryId,
    first_name: user.firstName,
    last_name: user.lastName,
    full_name: `${user.firstName} ${user.lastName}`,
    ...(user.group !== undefined && (isFull || rules.briefHasGroup) ? { user_group: user.group } : {}),
    status: coded(user.status),
    ...(user.expiresOn === undefined ? {} : { expiry_date: `${user.expiresOn}Z` }),
    account_type: coded(user.accountType),
    contact_info: { email: user.emails.map(shownEmail) },
    ...(hasIdentifiers ? { user_identifier: user.identifiers.map(shownIdentifier) } : {}),
    ...(isFull ? { user_block: user.blocks.map(shownBlock) } : {}),
    link: rules.link,
  };
}

/** A hit of a search carries no identifiers (likely): a second call on the user brings them. */
export function shownHit(user: AlmaUser, link: string): Record<string, unknown> {
  return { primary_id: user.primaryId, first_name: user.firstName, last_name: user.lastName, status: coded(user.status), link };
}

/** JSON where it was asked for, else XML. @param root  the element's name in XML */
export function answered(call: Call, root: string, body: Readonly<Record<string, unknown>>): Response {
  if (wantsJson(call)) return json(200, body);
  const members = Object.entries(body).map(([name, value]) => (typeof value === 'string' ? `<${name}>${escaped(value)}</${name}>` : ''));
  return xml(200, `<${root}>${members.join('')}</${root}>`);
}

/** @param isAlwaysXml  whatever was asked for */
export function refusal(call: Call, { status, errorCode, message }: AlmaRefusal, isAlwaysXml: boolean): Response {
  const trackingId = 'E01-2311091500-AB12C-AWAE000000001';
  if (wantsJson(call) && !isAlwaysXml) {
    const error = [{ errorCode, errorMessage: message, trackingId }];
    return json(status, { errorsExist: true, errorList: { error }, result: null });
  }
  const parts = `<errorCode>${escaped(errorCode)}</errorCode><errorMessage>${escaped(message)}</errorMessage><trackingId>${trackingId}</trackingId>`;
  const result = `<errorsExist>true</errorsExist><errorList><error>${parts}</error></errorList>`;
  return xml(status, `<web_service_result xmlns="http://com/exlibris/urm/general/xmlbeans">${result}</web_service_result>`);
}

function coded(value: string): AlmaCode {
  return { value, desc: value.charAt(0) + value.slice(1).toLowerCase() };
}

function shownEmail(address: string, at: number): unknown {
  return { email_address: address, preferred: at === 0, segment_type: 'External', email_type: [{ value: 'school', desc: 'School' }] };
}

function shownIdentifier({ value, type, note, status, segment }: AlmaUser['identifiers'][number]): unknown {
  return { value, id_type: coded(type), note, status, segment_type: segment };
}

function shownBlock({ type, description, status }: AlmaUser['blocks'][number]): unknown {
  return { block_type: coded(type), block_description: { value: type, desc: description }, block_status: status, block_note: null };
}

function wantsJson(call: Call): boolean {
  return (call.headers.get('accept') ?? '').includes('application/json');
}

function xml(status: number, body: string): Response {
  const text = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${body}`;
  return new Response(text, { status, headers: { 'content-type': 'application/xml;charset=UTF-8' } });
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
