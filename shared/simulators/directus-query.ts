/**
 * Directus' reading questions: filter, sort, paging, fields, counts. Written for the flat collection `events`; relations,
 * functions in filters (`year(...)`, `$NOW`) and deep queries are left out.
 * The rules of paging and of null (`_neq` and `_nin` leave it out) are confirmed.
 */
import { assertNever } from '../base/errors.ts';
import { forbidden, invalidQuery } from './directus-errors.ts';
import { fieldNames, fieldRules, instantOf, plainText, type DirectusEvent, type DirectusField } from './directus-fields.ts';

export type Query = Readonly<Record<string, unknown>>;
type Test = (row: DirectusEvent) => boolean;

export interface QueryLimits {
  /** QUERY_LIMIT_DEFAULT. */
  readonly fallback: number;
  /** QUERY_LIMIT_MAX; absent where the operator set none. */
  readonly max?: number | undefined;
  readonly fieldsMissing: readonly string[];
}

/** Reads a URL's search as Directus does: `filter` as JSON, or in brackets (`filter[approved][_eq]=true`). */
export function queryOfUrl(url: URL): Query {
  const query: Record<string, unknown> = {};
  for (const [key, value] of url.searchParams) {
    const path = key.split(/[[\]]+/).filter((part) => part !== '');
    const [name] = path;
    if (name === undefined) continue;
    if (path.length > 1) putAt(query, path, value);
    else if (name === 'filter') query[name] = jsonOf(value);
    else query[name] = value;
  }
  return query;
}

/** The rows of one page, in order, and how many the filter found in all. */
export function select(rows: readonly DirectusEvent[], query: Query, limits: QueryLimits): { page: DirectusEvent[]; found: number } {
  const test = filterTest(query['filter'], limits);
  const found = rows.filter(test);
  const order = sortOrder(query['sort'], limits);
  if (order) found.sort(order);
  const limit = limitOf(query['limit'], limits);
  const page = query['page'] === undefined ? undefined : wholeNumber(query['page'], 'page', 1);
  const offset = page === undefined ? wholeNumber(query['offset'] ?? 0, 'offset', 0) : (page - 1) * limit;
  return { page: found.slice(offset, offset + limit), found: found.length };
}

/**
 * Ids or UIDs that the filter pins down by `_eq` or `_in`, so that a look-up of one row among ten thousand need not read
 * them all. Undefined: nothing is pinned.
 */
export function pinned(filter: unknown): { field: 'id' | 'nextcloud_uid'; values: readonly unknown[] } | undefined {
  if (!isObject(filter)) return undefined;
  for (const field of ['id', 'nextcloud_uid'] as const) {
    const ask = filter[field];
    if (!isObject(ask)) continue;
    if (ask['_eq'] !== undefined) return { field, values: [ask['_eq']] };
    if (ask['_in'] !== undefined) return { field, values: listOf(ask['_in']) };
  }
  const all = filter['_and'];
  return Array.isArray(all) ? all.map(pinned).find((found) => found !== undefined) : undefined;
}

/** @throws INVALID_QUERY for a broken filter or an unknown operator, FORBIDDEN for an unknown field */
export function filterTest(filter: unknown, limits: QueryLimits): Test {
  if (filter === undefined || filter === null) return () => true;
  if (!isObject(filter)) throw invalidQuery('Filter has to be an object');
  const tests = Object.entries(filter).map(([key, ask]): Test => {
    if (key === '_and' || key === '_or') {
      if (!Array.isArray(ask)) throw invalidQuery(`"${key}" has to be an array`);
      const parts = ask.map((part) => filterTest(part, limits));
      if (parts.length === 0) return () => true;
      return key === '_and' ? (row) => parts.every((part) => part(row)) : (row) => parts.some((part) => part(row));
    }
    return fieldTest(knownField(key, limits), ask);
  });
  return (row) => tests.every((test) => test(row));
}

/** The fields that an answer shows. @throws FORBIDDEN that names the first unknown one */
export function fieldsOf(query: Query, limits: QueryLimits): readonly DirectusField[] {
  const asked = query['fields'] === undefined ? ['*'] : listOf(query['fields']).map(String);
  if (asked.includes('*')) return fieldNames.filter((name) => !limits.fieldsMissing.includes(name));
  return asked.map((name) => knownField(name, limits));
}

function fieldTest(field: DirectusField, ask: unknown): Test {
  if (!isObject(ask)) throw invalidQuery(`Filter of "${field}" has to be an object`);
  const tests = Object.entries(ask).map(([operator, raw]): Test => {
    const one = () => comparable(field, raw);
    const many = () => new Set(listOf(raw).map((value) => comparable(field, value)));
    switch (operator) {
      case '_null':
      case '_nnull': {
        const wantsNull = (operator === '_null') === isTrue(raw);
        return (row) => (row[field] === null) === wantsNull;
      }
      case '_in':
      case '_nin': {
        const values = many();
        return (row) => row[field] !== null && values.has(scalar(row[field])) === (operator === '_in');
      }
      case '_eq':
      case '_neq':
      case '_gt':
      case '_gte':
      case '_lt':
      case '_lte': {
        const value = one();
        const holds = comparisons[operator];
        return (row) => row[field] !== null && value !== null && holds(scalar(row[field]), value);
      }
      default:
        throw invalidQuery(`Invalid filter operator "${operator}"`);
    }
  });
  return (row) => tests.every((test) => test(row));
}

type Scalar = string | number | boolean | null;

const comparisons: Readonly<Record<string, (left: NonNullable<Scalar>, right: NonNullable<Scalar>) => boolean>> & {
  readonly [operator in '_eq' | '_neq' | '_gt' | '_gte' | '_lt' | '_lte']: (left: Scalar, right: Scalar) => boolean;
} = {
  _eq: (left, right) => left === right,
  _neq: (left, right) => left !== right,
  _gt: (left, right) => left !== null && right !== null && left > right,
  _gte: (left, right) => left !== null && right !== null && left >= right,
  _lt: (left, right) => left !== null && right !== null && left < right,
  _lte: (left, right) => left !== null && right !== null && left <= right,
};

function comparable(field: DirectusField, raw: unknown): Scalar {
  if (raw === null) return null;
  const type = fieldRules[field].type;
  switch (type) {
    case 'integer': {
      const number = Number(raw);
      if (Number.isNaN(number)) throw invalidQuery(`"${plainText(raw)}" is not a number`);
      return number;
    }
    case 'boolean':
      return isTrue(raw);
    case 'timestamp': {
      const ms = instantOf(raw, 0);
      if (ms === undefined) throw invalidQuery(`"${plainText(raw)}" is not a date`);
      return new Date(ms).toISOString();
    }
    case 'string':
    case 'json':
      return plainText(raw);
    default:
      return assertNever(type);
  }
}

function scalar(value: DirectusEvent[DirectusField]): Scalar {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

function sortOrder(sort: unknown, limits: QueryLimits): ((left: DirectusEvent, right: DirectusEvent) => number) | undefined {
  if (sort === undefined) return undefined;
  const keys = listOf(sort).map((text) => {
    const name = String(text);
    return { field: knownField(name.replace(/^-/, ''), limits), sign: name.startsWith('-') ? -1 : 1 };
  });
  return (left, right) => {
    for (const { field, sign } of keys) {
      const [a, b] = [scalar(left[field]), scalar(right[field])];
      if (a === b) continue;
      if (a === null) return -sign;
      if (b === null) return sign;
      return a < b ? -sign : sign;
    }
    return 0;
  };
}

function limitOf(asked: unknown, limits: QueryLimits): number {
  const max = limits.max ?? Infinity;
  if (asked === undefined || asked === '') return Math.min(limits.fallback, max);
  const limit = wholeNumber(asked, 'limit', -1);
  if (limit === -1) return max; // silently cut, 200 all the same
  if (limit > max) throw invalidQuery(`"limit" must be less than or equal to ${max}`);
  return limit;
}

function wholeNumber(value: unknown, name: string, min: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < min) throw invalidQuery(`"${name}" must be a whole number of at least ${min}`);
  return number;
}

function knownField(name: string, limits: QueryLimits): DirectusField {
  const field = fieldNames.find((known) => known === name);
  if (field !== undefined && !limits.fieldsMissing.includes(name)) return field;
  throw forbidden(`You don't have permission to access field "${name}" in collection "events" or it does not exist. Queried in root.`);
}

/** Directus takes lists as arrays, as objects with number keys (brackets) or with commas. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return value.split(',').map((part) => part.trim());
  return isObject(value) ? Object.values(value) : [value];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTrue(raw: unknown): boolean {
  return raw === true || raw === 'true' || raw === 1 || raw === '1' || raw === '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidQuery('Invalid JSON for filter object');
  }
}

function putAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let place = target;
  for (const part of path.slice(0, -1)) {
    const next: Record<string, unknown> = { ...(isObject(place[part]) ? place[part] : {}) };
    place[part] = next;
    place = next;
  }
  const last = path.at(-1) ?? '';
  if (last in place) place[last] = [...listOf(place[last]), value];
  else place[last] = value;
}
