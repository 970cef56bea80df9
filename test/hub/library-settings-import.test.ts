/** The older Python tool's config.yml as settings: what it says is taken, what it does not say is named, and no secret is ever shown. */
import { expect, test } from 'vitest';
import { settingsFromPython } from '../../shared/connectors/libcal-passagepoint/python-config.ts';
import { parseSettings } from '../../shared/connectors/libcal-passagepoint/settings.ts';

const config = `# our library
LCPP:
  interval: 600
LibCal:
  client_id: 417
  client_secret: p: {odd} # "word-of-a-test
  locations:
    - name: 'Main Library'
      id: 8810
    - name: Science & Technology
      id: 8811
  credentials_endpt: 'https://booking.library.example.edu/1.1/oauth/token'
  bookings_endpt: 'https://booking.library.example.edu/1.1/space/bookings'
  primary_id_field: q12505 # the form
Alma:
  apikey: word-of-a-test-2
  users_endpt: 'https://api-na.hosted.exlibrisgroup.com/almaws/v1/users'
PassagePoint:
  username: hub
  password: word-of-a-test-3
  pp_api_root: 'https://somebody:word-of-a-test-4@door.example.edu:2444'
  create_visitor_endpt: '/pp/api/v2/person/createVisitor'
  location_mapping:
    8810: LibCal Main
  user_mapping:
    Undergraduate: Student
    'Faculty/Staff': Faculty
Emails:
  from_password: word-of-a-test-5
  to_email: [ada@example.org]
`;

test('what it says becomes settings and variables; where nothing is said, nothing is made up', () => {
  const { settings, variables } = settingsFromPython(config, 'config.yml');

  expect(settings).toEqual({
    everyMinutes: 10,
    locations: [{ lid: 8810, name: 'Main Library', destination: 'LibCal Main' }, { lid: 8811, name: 'Science & Technology' }],
    libcal: { prefix: '/1.1', idQuestion: 'q12505' },
    personIds: { pattern: 'G\\d{8}' },
    categories: { usual: 'Visitor' },
  });
  expect(variables).toEqual({ LIBCAL_BASE_URL: 'https://booking.library.example.edu', ALMA_BASE_URL: 'https://api-na.hosted.exlibrisgroup.com', PASSAGEPOINT_BASE_URL: 'https://door.example.edu:2444/pp/api/v2' });
});

test('the connector does not start with them before somebody has added what is missing, and then it does', () => {
  const { settings } = settingsFromPython(config, 'config.yml');
  const locations = [{ lid: 8810, name: 'Main Library', destination: 'LibCal Main', timeZone: 'America/New_York' }];

  expect(() => parseSettings(settings)).toThrow('locations.0.timeZone');
  expect(parseSettings({ ...settings, locations })).toMatchObject({ everyMinutes: 10, locations });
});

test('what could not be taken over is named, and no credential is shown', () => {
  const taken = settingsFromPython(config, 'config.yml');

  const all = taken.open.join('\n');
  for (const named of ['8810: add "timeZone"', '8811: add "timeZone", like "America/New_York", and "destination"', '"<code of Undergraduate>": "Student"', 'ALMA_API_KEY', 'LIBCAL_CLIENT_SECRET', 'PASSAGEPOINT_PASSWORD', 'Emails.to_email: has no place here', 'Mediated Approved']) {
    expect(all).toContain(named);
  }
  expect(JSON.stringify(taken)).not.toMatch(/word-of-a-test|417|ada@/);
});

test.each([
  ['a list in brackets where a value counts', config.replace('interval: 600', 'interval: [600]'), 3],
  ['an anchor', config.replace('Main Library', 'x').replace("name: 'x'", 'name: &main x'), 8],
  ['a tab', config.replace('  interval', '\tinterval'), 3],
  ['a secret over several lines', config.replace('word-of-a-test-2', '|\n    word-of-a-test-6'), 17],
  ['a line that stands nowhere', config.replace('  primary_id_field', '   primary_id_field'), 14],
  ['a key that stands twice', config.replace('  interval: 600', '  interval: 600\n  interval: 60'), 4],
  ['no key', `${config}word-of-a-test-7\n`, 31],
])('%s is refused with its line, and without its text', (_what, text, line) => {
  const refused = (): unknown => settingsFromPython(text, 'config.yml');

  expect(refused).toThrow(`config.yml, line ${line}:`);
  expect(refused).not.toThrow('word-of-a-test');
});

test('another file is refused', () => {
  expect(() => settingsFromPython('a: b\n', 'other.yml')).toThrow('names no location');
});
