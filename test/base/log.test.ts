import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileWriter } from '../../shared/base/log.ts';

let folder: string;
let path: string;
let instead: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-test-'));
  path = join(folder, 'logs', 'sync.log');
  instead = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const writer = (more: { bytesMax?: number; keptMax?: number } = {}) => fileWriter({ path, ...more, instead: (line) => instead.push(line) });
const lineOf = (number: number): string => `${String(number).padStart(9, '0')}\n`;
const all = (): string[] => readdirSync(join(folder, 'logs')).sort((left, right) => left.localeCompare(right));

test('the folder is made, and only the owner can read the log', () => {
  writer()(lineOf(1));

  expect(readFileSync(path, 'utf8')).toBe(lineOf(1));
  expect([statSync(path).mode & 0o777, statSync(join(folder, 'logs')).mode & 0o777]).toEqual([0o600, 0o700]);
});

test('a line that would not fit starts a new file, and only some old ones are kept, the youngest first', () => {
  const write = writer({ bytesMax: 30, keptMax: 2 });

  for (let number = 1; number <= 13; number += 1) write(lineOf(number));

  expect(all()).toEqual(['sync.log', 'sync.log.1', 'sync.log.2']);
  expect(readFileSync(path, 'utf8')).toBe(lineOf(13));
  expect(readFileSync(`${path}.1`, 'utf8')).toBe([10, 11, 12].map(lineOf).join(''));
  expect(readFileSync(`${path}.2`, 'utf8')).toBe([7, 8, 9].map(lineOf).join(''));
});

test('a line larger than the bound stands alone in a file, and none is cut', () => {
  const write = writer({ bytesMax: 5, keptMax: 1 });

  write(lineOf(1));
  write(lineOf(2));

  expect([readFileSync(path, 'utf8'), readFileSync(`${path}.1`, 'utf8')]).toEqual([lineOf(2), lineOf(1)]);
});

test('without old files the full one goes', () => {
  const write = writer({ bytesMax: 20, keptMax: 0 });

  for (let number = 1; number <= 3; number += 1) write(lineOf(number));

  expect(all()).toEqual(['sync.log']);
  expect(readFileSync(path, 'utf8')).toBe(lineOf(3));
});

test('what has been rotated by somebody else is not missed', () => {
  const write = writer();
  write(lineOf(1));
  rmSync(path);

  write(lineOf(2));

  expect(readFileSync(path, 'utf8')).toBe(lineOf(2));
});

test('a log that cannot be written says so once, and its lines go elsewhere', () => {
  mkdirSync(path, { recursive: true }); // a folder of that name

  const write = writer();
  write(lineOf(1));
  write(lineOf(2));

  expect(instead).toEqual([expect.stringMatching(/sync\.log cannot be written \(EISDIR\)/), lineOf(1), lineOf(2)]);
});

test('two writers of one file lose no line', () => {
  const [one, other] = [writer({ bytesMax: 25, keptMax: 9 }), writer({ bytesMax: 25, keptMax: 9 })];

  for (let number = 1; number <= 10; number += 1) (number % 2 === 0 ? one : other)(lineOf(number));

  const lines = all().flatMap((name) => readFileSync(join(folder, 'logs', name), 'utf8').split('\n')).filter((line) => line !== '');
  expect(lines.map(Number).sort((left, right) => left - right)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(existsSync(`${path}.5`)).toBe(false);
});
