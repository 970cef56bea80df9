/**
 * What a failing answer of SKY says, whatever its shape: the vendor's name for it, and its texts, for recognising phrases. The texts may quote a
 * person's data and must not be handed on; of them only the names of our own fields come out.
 */
import { fieldsOf } from '../../base/fields-of.ts';

export interface Said {
  /** `list`: an API's own; `gateway`: in front of the APIs; `problem`: Problem Details; `text`: no JSON, or JSON of no known shape. */
  readonly form: 'list' | 'gateway' | 'problem' | 'text' | 'nothing';
  readonly name: string | undefined;
  readonly text: string;
}

export function saidIn(bodyText: string): Said {
  if (bodyText.trim() === '') return { form: 'nothing', name: undefined, text: '' };
  const body = jsonOf(bodyText);
  const entries = (Array.isArray(body) ? body : [body]).map(fieldsOf);
  const first = entries[0] ?? {};
  const text = entries.flatMap((entry) => textMembers.map((member) => textIn(entry[member]))).join('\n');
  if (Array.isArray(body) || ['error_name', 'ErrorName', 'ErrorCode', 'error_code'].some((member) => member in first)) {
    return { form: 'list', name: nameIn(first['error_name'] ?? first['ErrorName']) ?? numberIn(first['error_code'] ?? first['ErrorCode']), text };
  }
  if ('statusCode' in first) return { form: 'gateway', name: undefined, text };
  if ('title' in first || 'detail' in first) return { form: 'problem', name: nameIn(textIn(first['title']).replaceAll(' ', '')), text };
  return { form: 'text', name: undefined, text: bodyText };
}

const textMembers = ['message', 'raw_message', 'Message', 'RawMessage', 'title', 'detail'] as const;

/** Names of ours as SKY writes them: what nobody would say by chance first. */
const fieldNames = [
  'start_date', 'end_date', 'start_time', 'end_time', 'lookup_id', 'import_id', 'constituent_id', 'host_id', 'rsvp_status', 'rsvp_date', 'invitation_status', 'attended', 'summary_note',
  'birthdate', 'preferred_name', 'postal_code', 'address_lines', 'description', 'category', 'capacity', 'goal', 'location', 'suffix', 'email', 'phone', 'country', 'city',
  'type', 'number', 'address', 'last', 'first', 'name',
] as const;

/** The field that a text speaks of, in any spelling: `StartDate`, `start_date`, `eventAdd.start_date`. */
export function fieldIn(text: string): string | undefined {
  const spoken = new Set(Array.from(text.matchAll(/\w+/g), ([word]) => word.replaceAll('_', '').toLowerCase()));
  return fieldNames.find((name) => spoken.has(name.replaceAll('_', '')));
}

function jsonOf(bodyText: string): unknown {
  try {
    return JSON.parse(bodyText);
  } catch {
    return undefined;
  }
}

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');
const nameIn = (value: unknown): string | undefined => (typeof value === 'string' && /^[A-Z][A-Za-z]{2,39}$/.test(value) ? value : undefined);
const numberIn = (value: unknown): string | undefined => (typeof value === 'number' ? `ERROR_${value}` : undefined);
