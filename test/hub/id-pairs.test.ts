import { expect, test } from 'vitest';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { parsePairs } from '../../shared/hub/id-pairs.ts';

const two = [{ source: '1', target: 'a.ics' }, { source: '2', target: 'b.ics' }];

test.each([
  { form: 'commas', text: '1,a.ics\n2,b.ics\n' },
  { form: 'semicolons, a heading, Windows line ends and an empty line', text: '\uFEFFsource;target\r\n1;a.ics\r\n\r\n2;b.ics\r\n' },
  { form: 'tabs and blanks', text: '1\ta.ics\n 2 \t b.ics ' },
  { form: 'quotes', text: '"1","a.ics"\n"2",b.ics' },
  { form: 'a JSON object', text: '{"1": "a.ics", "2": "b.ics"}' },
  { form: 'a JSON list of pairs, with numbers', text: '[[1, "a.ics"], [2, "b.ics"]]' },
  { form: 'a JSON list of objects', text: '[{"source": 1, "target": "a.ics"}, {"source": "2", "target": "b.ics"}]' },
])('pairs are read from $form', ({ text }) => {
  expect(parsePairs(text)).toEqual(two);
});

test('quoted ids keep what would part them', () => {
  expect(parsePairs('"a,""b""",c;d\n'.replace(';', '.'))).toEqual([{ source: 'a,"b"', target: 'c.d' }]);
});

function problemsOf(text: string): readonly string[] {
  try {
    parsePairs(text);
    return [];
  } catch (error) {
    return error instanceof ConfigurationInvalid ? error.problems : [];
  }
}

test('everything that is wrong is told with its line, an id that stands twice too', () => {
  expect(problemsOf('1,a\n2\n,c\n1,d\n4,a\n5,e,f')).toEqual([
    expect.stringMatching(/^line 2: has to hold/), expect.stringMatching(/^line 3: has to hold/),
    'line 4: the source id stands in line 1 already, and an item has one partner', 'line 5: the target id stands in line 1 already, and an item has one partner',
    expect.stringMatching(/^line 6: /),
  ]);
});

test('an empty file, broken JSON, and pairs that are none are refused; of many problems the first are told', () => {
  expect(problemsOf('  \n')).toEqual(['the file holds no pairs']);
  expect(problemsOf('[1, 2')).toEqual([expect.stringMatching(/not valid JSON/)]);
  expect(problemsOf('[{"source": 1}, null]')).toEqual([expect.stringMatching(/^entry 1: /), expect.stringMatching(/^entry 2: /)]);
  expect(problemsOf('x\n'.repeat(30)).at(-1)).toBe('and 10 more');
});
