import { describe, expect, test } from 'vitest';
import { inDrawingOrder } from './sample.ts';
import { judge, type Explained, type Fate } from './verdict.ts';

const file = 'shared/sync/a.ts';
const sources = new Map([[file, 'const a = 1;\n  return b &&\n    c;\n']]);
const aFate = (id: string, status: string, some: Partial<Fate> = {}): Fate => ({
  id, status, fileName: file, mutatorName: 'any', replacement: id, location: { start: { line: 1, column: 11 }, end: { line: 1, column: 12 } }, ...some,
});
const ids = (fates: readonly Fate[]): string[] => fates.map(({ id }) => id);
const facts = { target: 'sync', sample: undefined, sources };

describe('what a run comes to', () => {
  test('the score is what was killed or stopped, out of all that could be tried', () => {
    const fates = ['Killed', 'Killed', 'Timeout', 'Survived', 'NoCoverage', 'RuntimeError', 'CompileError', 'Ignored'].map((status, at) => aFate(String(at), status));

    expect(judge(facts, fates, []).verdict).toMatchObject({ target: 'sync', mutants: 5, killed: 2, timedOut: 1, survived: 1, noCoverage: 1, score: 60 });
  });

  test('a survivor is told with its line and both texts, over line breaks too', () => {
    const several = { start: { line: 2, column: 10 }, end: { line: 3, column: 6 } };

    const { verdict } = judge(facts, [aFate('1', 'Survived', { location: several, replacement: 'b ||\n c' }), aFate('2', 'NoCoverage')], []);

    expect(verdict.survivors).toEqual([{ file, line: 1, mutation: '1 => 2' }, { file, line: 2, mutation: 'b && c => b || c' }]);
  });

  test('an explanation is found by its text, changes no score, and is stale once its mutant is killed', () => {
    const explained: Explained = { file, text: 'const a = ⟪1⟫;', mutation: '1 => 2', why: 'nobody reads it' };

    const survived = judge(facts, [aFate('2', 'Survived')], [explained]);
    const killed = judge(facts, [aFate('2', 'Killed')], [explained]);

    expect(survived).toMatchObject({ verdict: { score: 0, survivors: [{ why: 'nobody reads it' }] }, stale: [] });
    expect(judge(facts, [aFate('2', 'Survived')], [{ ...explained, text: '⟪const⟫ a = 1;' }]).verdict.survivors[0]?.why).toBeUndefined();
    expect(killed).toMatchObject({ verdict: { score: 100, survivors: [] }, stale: [explained] });
  });
});

describe('a sample', () => {
  const many = Array.from({ length: 200 }, (_, at) => aFate(String(at), at % 2 === 0 ? 'Killed' : 'NoCoverage'));

  test('is the same for the same seed, in whatever order and folder the mutants come', () => {
    const elsewhere = many.toReversed().map((fate) => ({ ...fate, fileName: `/copy/${file}` }));

    expect(ids(inDrawingOrder(elsewhere, 7))).toEqual(ids(inDrawingOrder(many, 7)));
    expect(ids(inDrawingOrder(many, 8))).not.toEqual(ids(inDrawingOrder(many, 7)));
  });

  test('counts what no test reaches in its share, though only the others were drawn before', () => {
    const reached = inDrawingOrder(many.filter(({ status }) => status === 'Killed'), 7).slice(0, 50);
    const fates = many.map((fate) => (fate.status === 'Killed' && !reached.includes(fate) ? { ...fate, status: 'CompileError' } : fate));

    const { verdict } = judge({ ...facts, sample: { max: 50, seed: 7 } }, fates, []);

    const drawn = inDrawingOrder(many, 7).slice(0, 50);
    expect(verdict.mutants).toBe(50);
    expect(verdict.killed).toBe(drawn.filter(({ status }) => status === 'Killed').length);
  });
});
