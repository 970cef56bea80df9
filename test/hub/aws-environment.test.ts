/** What a function reads from its environment. */
import { expect, test } from 'vitest';
import { variable } from '../../shared/base/names.ts';
import { readAwsEnvironment, readConnectorEnvironment } from '../../shared/hub/aws-environment.ts';

const whole = {
  [variable.stage]: 'test', AWS_REGION: 'eu-central-1', [variable.table('links')]: 'l', [variable.table('runs')]: 'r', [variable.table('hosted')]: 'h',
  [variable.rhythms]: 'directus-nextcloud=60,libcal-passagepoint=5', [variable.queueUrl]: 'https://sqs.example.org/1/q', [variable.secretId]: 'concord/test/directus-nextcloud',
};

test('a whole environment is read', () => {
  expect(readConnectorEnvironment(whole)).toEqual({
    stage: 'test', region: 'eu-central-1', tables: { links: 'l', runs: 'r', hosted: 'h' }, logLevel: 'info',
    rhythms: [{ connector: 'directus-nextcloud', everyMinutes: 60 }, { connector: 'libcal-passagepoint', everyMinutes: 5 }],
    queueUrl: whole[variable.queueUrl], secretId: whole[variable.secretId],
  });
});

test('a function of no connector needs neither queue nor secret', () => {
  const { [variable.queueUrl]: _queue, [variable.secretId]: _secret, ...shared } = whole;

  expect(readAwsEnvironment(shared)).toMatchObject({ stage: 'test' });
  expect(() => readConnectorEnvironment(shared)).toThrow(/CONCORD_QUEUE_URL is not set.*CONCORD_SECRET is not set/);
});

test('all that is wrong is told at once', () => {
  const broken = { ...whole, [variable.stage]: 'Production!', LOG_LEVEL: 'loud', [variable.rhythms]: 'often', [variable.table('runs')]: undefined };

  expect(() => readAwsEnvironment(broken)).toThrow(/CONCORD_STAGE is no name.*CONCORD_TABLE_RUNS is not set.*LOG_LEVEL is none.*CONCORD_RHYTHMS has to read|CONCORD_STAGE.*LOG_LEVEL.*CONCORD_TABLE_RUNS.*CONCORD_RHYTHMS/);
});
