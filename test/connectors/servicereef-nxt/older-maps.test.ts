/** What the two files of the older Python service say, as its generations have left them behind. */
import { describe, expect, test } from 'vitest';
import { readOlderMap } from '../../../shared/connectors/servicereef-nxt/older-maps.ts';

const mapOf = (json: unknown, name = 'event_mapping.json') => readOlderMap(JSON.stringify(json), name);

function refusal(text: string, name = 'event_mapping.json'): unknown {
  try {
    return readOlderMap(text, name);
  } catch (error) {
    return error;
  }
}

describe('the older service\'s maps', () => {
  test.each([
    ['event_mapping.json', 'events'],
    ['event_mapping-2026-05.json', 'events'],
    ['Constituent_Mapping (2).JSON', 'people'],
  ])('%s is a map of %s', (name, stream) => {
    expect(mapOf({ 31001: '20001' }, name)).toEqual({ stream, pairs: [{ source: '31001', target: '20001' }], left: [] });
  });

  test('numbers and texts are the same id, with blanks around it or without', () => {
    expect(mapOf({ 31001: 20001, ' 31002 ': ' 20002' }).pairs).toEqual([{ source: '31001', target: '20001' }, { source: '31002', target: '20002' }]);
  });

  test('of an answer that was kept whole, NXT\'s own id is taken', () => {
    expect(mapOf({ 70001: { id: '20001' }, 70002: { id: '70002', nxt_id: 20002 }, 70003: { id: 70003, constituent_id: '20003', name: 'Invented' } }, 'constituent_mapping.json').pairs.map(({ target }) => target))
      .toEqual(['20001', '20002', '20003']);
  });

  test('a key that names nobody, and a value that names nothing, are told, each with what is wrong', () => {
    const { pairs, left } = mapOf({ None: '20001', null: '20002', '': '20003', 0: '20004', 31001: '', 31002: null, 31003: 'None', 31004: { error: 'invalid' }, 31005: [20005], 31006: '0' });

    expect(pairs).toEqual([]);
    expect(left.filter(({ where }) => where[0] === 'source').map(({ source, target, verdict }) => [source, target, verdict])).toEqual([
      ['0', '20004', 'unreadable'], ['None', '20001', 'unreadable'], ['null', '20002', 'unreadable'], ['entry 10', '20003', 'unreadable'],
    ]);
    expect(left.filter(({ where }) => where[0] === 'target').map(({ source, target, verdict }) => [source, target, verdict])).toEqual([
      ['31001', '', 'missing'], ['31002', '', 'missing'], ['31003', '', 'missing'], ['31004', '', 'unreadable'], ['31005', '', 'unreadable'], ['31006', '', 'unreadable'],
    ]);
  });

  test('a key that could be somebody\'s name or address is told by its place', () => {
    const { left } = mapOf({ 70001: '20001', 'Sam Invented': '20002', 'sam@example.org': '20003' }, 'constituent_mapping.json');

    expect(left.map(({ source }) => source)).toEqual(['entry 2', 'entry 3']);
  });

  test('half a file, an empty one, a list, and a file of another name: one clear error each', () => {
    expect([refusal('{"31001": "200'), refusal(''), refusal('[1, 2]'), refusal('{}'), refusal('{"31001": "20001"}', 'pairs.json')]).toMatchObject([
      { code: 'E_CONFIG', problems: [expect.stringContaining('cut off')] },
      { code: 'E_CONFIG', problems: [expect.stringContaining('cut off')] },
      { code: 'E_CONFIG', problems: [expect.stringContaining('holds no pairs')] },
      { code: 'E_CONFIG', problems: [expect.stringContaining('holds no pairs')] },
      { code: 'E_CONFIG', problems: [expect.stringContaining('pairs.json is not taken over')] },
    ]);
  });
});
