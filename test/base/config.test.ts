import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { readConfig } from '../../shared/base/config.ts';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { pinoLog } from '../../shared/base/log.ts';
import { redactor } from '../../shared/base/redact.ts';

test('the environment wins over .env, and an empty variable counts as not set', () => {
  const config = readConfig({ env: { CONCORD_STATE: '/var/lib/concord', CONCORD_PORT: '', DIRECTUS_API_URL: ' ' }, dotenv: 'CONCORD_STATE=elsewhere\nCONCORD_PORT=9000\nDIRECTUS_API_URL="https://example.org"\n' });

  expect(config).toMatchObject({ statePath: '/var/lib/concord', port: 9000, variables: { DIRECTUS_API_URL: 'https://example.org' } });
});

test('without any configuration there are defaults', () => {
  expect(readConfig({ env: {} })).toEqual({ statePath: '.concord', port: 8787, logFile: undefined, logLevel: 'warn', variables: {} });
});

test('everything that is wrong is told at once', () => {
  const env = { CONCORD_PORT: '70000', LOG_LEVEL: 'loud' };

  expect(() => readConfig({ env })).toThrow(ConfigurationInvalid);
  expect(() => readConfig({ env })).toThrow(/CONCORD_PORT.*LOG_LEVEL/);
});

test('a secret does not reach the log, however it is spelt there', () => {
  const lines: string[] = [];
  const log = pinoLog({ clock: manualClock(), level: 'info', write: (line) => lines.push(line), redact: redactor(['p"ss wörd', undefined, 'abc']) });

  log.info({ header: 'Basic p"ss wörd', url: `https://example.org/?key=${encodeURIComponent('p"ss wörd')}` }, 'abc');

  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toEqual({ level: 'info', time: '2026-11-23T09:00:00.000Z', header: 'Basic [secret]', url: 'https://example.org/?key=[secret]', msg: 'abc' });
});
