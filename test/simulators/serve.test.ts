import { expect, test } from 'vitest';
import { icsOf } from '../../shared/simulators/ics.ts';
import { readXml } from '../../shared/simulators/xml-reader.ts';
import { sampleEvents } from '../../shared/simulators/samples.ts';
import { serve } from '../../shared/simulators/serve.ts';
import { simulateDirectus } from '../../shared/simulators/directus.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';
import { aNextcloud, anEvent } from './dav-client.ts';

test('a simulator can be served on loopback, with methods, headers and bodies intact', async () => {
  const nextcloud = aNextcloud();
  const served = await serve(nextcloud.fetch, { port: 0 });
  const authorization = `Bearer ${nextcloud.password}`;
  const address = `${served.url}/remote.php/dav/calendars/hub/events/`;

  const put = await fetch(`${address}caf%C3%A9.ics`, { method: 'PUT', body: anEvent({ summary: 'Café ☕' }), headers: { authorization } });
  const listed = await fetch(address, { method: 'PROPFIND', headers: { authorization, depth: '1' } });
  const text = await listed.text();
  await served.close();

  expect([put.status, put.headers.get('etag')]).toEqual([201, nextcloud.objects.get('café.ics')?.etag]);
  expect(nextcloud.objects.get('café.ics')?.text).toContain('Café ☕');
  expect([listed.status, text.includes('caf%c3%a9.ics')]).toEqual([207, true]);
});

test('a lost answer breaks the connection, and a caller who hangs up is let go', async () => {
  const directus = simulateDirectus(simulatedWorld());
  const served = await serve(directus.fetch, { port: 0 });
  directus.faults.add({ when: { nth: 1 }, kind: 'lost-answer' });
  const lost = fetch(`${served.url}/server/ping`);
  await expect(lost).rejects.toThrow('fetch failed');
  const caller = new AbortController();
  const hangUpOnceItArrived = () => {
    caller.abort();
    return true;
  };
  directus.faults.add({ when: hangUpOnceItArrived, kind: 'hang' });

  const hanging = fetch(`${served.url}/server/ping`, { signal: caller.signal });

  await expect(hanging).rejects.toThrow('aborted');
  await served.close();
  expect(directus.faults.fired.hang).toBe(1);
});

test('samples are the same for the same seed, and both sides take them', async () => {
  const samples = sampleEvents(7, 200);
  const directus = simulateDirectus(simulatedWorld());
  const nextcloud = aNextcloud();

  for (const { row, ics } of samples) {
    directus.events.add(row);
    nextcloud.objects.put(ics);
  }

  expect(sampleEvents(7, 200)).toEqual(samples);
  expect(sampleEvents(8, 1)[0]?.uid).not.toBe(samples[0]?.uid);
  expect([directus.events.size, nextcloud.objects.size]).toEqual([200, 200]);
  expect(samples.some(({ row }) => row.all_day === true)).toBe(true);
});

test('text is folded at 75 octets, never inside a character', () => {
  const text = icsOf({ uid: 'u', summary: 'ä☕😀'.repeat(40), start: '2027-03-04' });

  const lines = text.split('\r\n');

  expect(lines.every((line) => Buffer.byteLength(line) <= 75 && !line.includes('\uFFFD'))).toBe(true);
  expect(text.replaceAll('\r\n ', '')).toContain(`SUMMARY:${'ä☕😀'.repeat(40)}`);
  expect(text).toContain('DTSTART;VALUE=DATE:20270304');
});

test('the XML reader follows namespaces, and gives up on what is not well-formed', () => {
  const root = readXml('<?xml version="1.0"?><a xmlns="DAV:" xmlns:c="urn:c"><c:b x="1&amp;2"/><!-- no --><d><![CDATA[<&]]> &#233;&lt;</d></a>');

  expect(root?.children.map(({ ns, name, attributes, text }) => ({ ns, name, attributes, text }))).toEqual([
    { ns: 'urn:c', name: 'b', attributes: { x: '1&2' }, text: '' },
    { ns: 'DAV:', name: 'd', attributes: {}, text: '<& é<' },
  ]);
  expect(['', '<a>', '<a></b>', 'text', '<a/>text'].map(readXml)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});
