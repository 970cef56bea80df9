/**
 * What a traveller says is added to a constituent's file where the file is blank or does not have it yet; nothing that stands there is changed or
 * removed. What is already there, in use or not, is not added again.
 */
import { foldedEmail, foldedName, foldedPhone, foldedPostcode, foldedStreet } from '../../matching/person.ts';
import type { Entity } from '../../sync/item.ts';
import type { Changed, Created } from '../../vendors/sky/calls.ts';
import type { SkyClient } from '../../vendors/sky/client.ts';
import type { SkyConstituent } from '../../vendors/sky/constituent-schema.ts';
import { placeIn, textIn } from './map.ts';
import type { Settings } from './settings.ts';

type Answer = Created | Changed;

/** @param fields  Those that are news. @returns the first refusal, or undefined where all went well. */
export async function fill(sky: SkyClient, record: SkyConstituent, fields: Entity, types: Settings['types']): Promise<Exclude<Answer, { kind: 'done' }> | undefined> {
  for (const add of [addName, addEmail, addPhone, addAddress]) {
    const answer = await add(sky, record, fields, types);
    if (answer !== undefined && answer.kind !== 'done') return answer;
  }
  return undefined;
}

type Add = (sky: SkyClient, record: SkyConstituent, fields: Entity, types: Settings['types']) => Promise<Answer | undefined>;

const addName: Add = async (sky, { id, first }, fields) => {
  const given = textIn(fields, 'firstName');
  return given !== undefined && first === undefined ? sky.constituents.patch(id, { first: given }) : undefined;
};

const addEmail: Add = async (sky, { id, email }, fields, types) => {
  const given = textIn(fields, 'email');
  const wanted = given === undefined ? undefined : foldedEmail(given);
  if (given === undefined || wanted === undefined || (email?.address !== undefined && foldedEmail(email.address) === wanted)) return undefined;
  const { rows } = await sky.emails.list(id);
  if (rows.some(({ address }) => address !== undefined && foldedEmail(address) === wanted)) return undefined;
  return sky.emails.add(id, { address: given, type: types.email, primary: rows.length === 0 });
};

const addPhone: Add = async (sky, { id, phone }, fields, types) => {
  const given = textIn(fields, 'phone');
  const wanted = given === undefined ? undefined : foldedPhone(given);
  if (given === undefined || wanted === undefined || (phone?.number !== undefined && foldedPhone(phone.number) === wanted)) return undefined;
  const { rows } = await sky.phones.list(id);
  if (rows.some(({ number }) => number !== undefined && foldedPhone(number) === wanted)) return undefined;
  return sky.phones.add(id, { number: given, type: types.phone, primary: rows.length === 0 });
};

const addAddress: Add = async (sky, { id, address }, fields, types) => {
  const given = placeIn(fields, 'address');
  if (given?.addressLines === undefined) return undefined; // a town alone is no address
  const wanted = placeKey(given);
  if (address !== undefined && placeKey(address) === wanted) return undefined;
  const { rows } = await sky.addresses.list(id);
  if (rows.some((row) => placeKey(row) === wanted)) return undefined;
  return sky.addresses.add(id, { ...given, type: types.address, preferred: rows.length === 0 });
};

const placeKey = ({ addressLines = '', postalCode = '' }: { readonly addressLines?: string | undefined; readonly postalCode?: string | undefined }): string =>
  `${foldedStreet(addressLines.split(/\r?\n/)[0] ?? '')}|${foldedPostcode(postalCode)}`;

/** Whether the file knows the person under this name, in any of its forms; where it knows none, there is nothing that differs. */
export function bearsName({ first, middle, last, preferredName, formerName }: SkyConstituent, entity: Entity): boolean {
  const firsts = [first, preferredName, first !== undefined && middle !== undefined ? `${first} ${middle}` : undefined];
  return isAmong(textIn(entity, 'firstName'), firsts) && isAmong(textIn(entity, 'lastName'), [last, formerName]);
}

function isAmong(name: string | undefined, forms: readonly (string | undefined)[]): boolean {
  const known = forms.filter((form) => form !== undefined);
  return name === undefined || known.length === 0 || known.some((form) => foldedName(form) === foldedName(name));
}
