/** Alarms are few, and each tells a person what to do and where it is written down. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fieldsOf } from '../../shared/base/fields-of.ts';
import { metrics } from '../../shared/base/names.ts';
import { ofType, referred, resourcesOf } from './stacks.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
/** As GitHub makes an anchor of a heading. */
const anchors = new Set([...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase().replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-')));
const resources = resourcesOf({ alarmEmail: 'operators@example.org' });
const alarms = ofType(resources, 'AWS::CloudWatch::Alarm');

test('there are at most ten, with one connector or with several', () => {
  expect(alarms.length).toBeGreaterThan(5);
  expect(alarms.length).toBeLessThanOrEqual(10);
});

test('each says what happened, what to do, and names a section of the runbook that there is', () => {
  for (const { properties: { AlarmDescription } } of alarms) {
    const [, before = '', section = ''] = /^(.*) See docs\/runbook\.md#(.+)$/.exec(String(AlarmDescription)) ?? [];
    expect(before.split('. ').length).toBeGreaterThanOrEqual(2);
    expect(anchors).toContain(section);
  }
});

test('each tells the topic, and the topic tells the person', () => {
  const topics = ofType(resources, 'AWS::SNS::Topic').map(({ id }) => id);

  for (const { properties: { AlarmActions } } of alarms) expect(Array.isArray(AlarmActions) ? AlarmActions.map(referred) : []).toEqual(topics);
  expect(ofType(resources, 'AWS::SNS::Subscription').map(({ properties: { Endpoint } }) => Endpoint)).toEqual(['operators@example.org']);
});

test('our own metrics are four, all watched, and without dimensions', () => {
  const ours = alarms.filter(({ properties: { Namespace } }) => Namespace === 'Concord/test');

  expect(new Set(ours.map(({ properties: { MetricName } }) => MetricName))).toEqual(new Set(Object.values(metrics)));
  expect(Object.values(metrics)).toHaveLength(4);
  for (const { properties: { Dimensions } } of ours) expect(Dimensions).toBeUndefined();
});

test('where nothing is told, only the watch over runs takes that for bad news', () => {
  const bad = alarms.filter(({ properties: { TreatMissingData } }) => TreatMissingData === 'breaching');

  expect(bad.map(({ properties }) => fieldsOf(properties)['MetricName'])).toEqual(['ConnectorsLate']);
});
