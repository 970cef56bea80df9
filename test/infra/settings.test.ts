/** What a stage may choose, and what is refused before anything is built. */
import { expect, test } from 'vitest';
import { expressionOf } from '../../infra/schedule.ts';
import { checkedStage, knownConnectors, oauthConnectors, type StageSettings } from '../../infra/settings.ts';
import { stages } from '../../infra/stages.ts';
import { catalog } from '../../shared/hub/catalog.ts';
import { allFactories } from '../../shared/hub/registry.ts';
import { aStage, ofType, resourcesOf } from './stacks.ts';

const refused = (settings: Partial<StageSettings>, name = 'test') => () => checkedStage(name, { [name]: { ...aStage, ...settings } });

test('the stages that come with Concord are good', () => {
  for (const stage of Object.keys(stages)) expect(checkedStage(stage, stages)).toBe(stages[stage]);
});

test('every connector that can be run on a machine can be switched on', async () => {
  expect([...knownConnectors].sort()).toEqual(catalog.map(({ id }) => id).sort());
  expect([...knownConnectors].sort()).toEqual((await allFactories()).map(({ id }) => id).sort());
});

test('those that people sign in for are those with OAuth in the catalog', () => {
  expect([...oauthConnectors].sort()).toEqual(catalog.flatMap(({ id, oauth }) => (oauth === undefined ? [] : [id])).sort());
});

test.each([
  ['a name that is part of no other name', refused({}, 'Production'), /small letters/],
  ['a stage without connectors', refused({ connectors: [] }), /no connector/],
  ['a connector that there is not', refused({ connectors: [{ id: 'a-b', everyMinutes: 60, timeZone: 'UTC' }] }), /there is no connector a-b/],
  ['a rhythm of no time', refused({ connectors: [{ id: 'directus-nextcloud', everyMinutes: 0, timeZone: 'UTC' }] }), /everyMinutes/],
  ['a zone of nowhere', refused({ connectors: [{ id: 'directus-nextcloud', everyMinutes: 60, timeZone: 'Europe/Nowhere' }] }), /time zone/],
  ['days that CloudWatch does not know', refused({ logDays: 8 }), /logDays/],
  ['the same connector twice', refused({ connectors: [...aStage.connectors, ...aStage.connectors] }), /twice/],
])('%s is refused', (_what, check, message) => {
  expect(check).toThrow(message);
});

test('a stage that nobody has described is not made up', () => {
  expect(() => checkedStage('toString', stages)).toThrow('there is no stage toString');
});

test.each([[5, 'cron(0/5 * * * ? *)'], [60, 'cron(0 0/1 * * ? *)'], [360, 'cron(0 0/6 * * ? *)'], [1440, 'cron(0 0 * * ? *)'], [7, 'rate(7 minutes)'], [90, 'rate(90 minutes)']])('every %i minutes is %s', (minutes, expression) => {
  expect(expressionOf(minutes)).toBe(expression);
});

test('a stage with a network puts every function into it, and trusts the campus', () => {
  const network = { vpcId: 'vpc-0123456789abcdef0', subnetIds: ['subnet-0123456789abcdef0'], availabilityZones: ['eu-central-1a'], securityGroupId: 'sg-0123456789abcdef0', caFolder: 'config' };

  const functions = ofType(resourcesOf({ network }), 'AWS::Lambda::Function');

  for (const { properties } of functions) {
    expect(properties['VpcConfig']).toEqual({ SubnetIds: ['subnet-0123456789abcdef0'], SecurityGroupIds: ['sg-0123456789abcdef0'] });
    expect(JSON.stringify(properties['Environment'])).toContain('"NODE_EXTRA_CA_CERTS":"/opt/ca.pem"');
  }
});
