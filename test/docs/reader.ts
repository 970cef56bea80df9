/**
 * A reader of the docs at a shell: a folder of his own, the simulated systems on ports, and `npx` that starts this very Concord (what is
 * not Concord runs in our folder). His world has fourteen approved events, one that is pending, and one that a member made.
 */
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/base/clock.ts';
import { fieldsOf } from '../../shared/base/fields-of.ts';
import { missionWorld } from '../../shared/hub/sample-mission.ts';
import { serve } from '../../shared/simulators/serve.ts';
import { servedSystems, workplace } from '../bin/concord.ts';

const root = join(import.meta.dirname, '../..');
const runsOn = /--every|--schedule|\bsimulate\b/; // until somebody ends it

export type Reader = Awaited<ReturnType<typeof aReader>>;

export async function aReader() {
  const systems = await servedSystems();
  for (let count = systems.directus.events.size; count < 15; count += 1) systems.directus.events.add({ approved: true });
  const folder = mkdtempSync(join(tmpdir(), 'concord-test-'));
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  const outside = process.env['PATH'] ?? '';
  const program = (name: string, script: string): void => {
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(programs, name), 0o755);
  };
  program('npx', `[ "$1" = concord ] || { cd "${root}" && exec env PATH="${outside}" npx --no-install "$@"; }\nshift\nexec "${process.execPath}" "${join(root, 'bin/cli.ts')}" "$@"`);
  program('npm', `cd "${root}" && exec env PATH="${outside}" npm "$@"`);
  copyFileSync(join(root, '.env.example'), join(folder, '.env.example'));
  const { DIRECTUS_API_TOKEN, NEXTCLOUD_PASSWORD } = systems.variables;
  const variables: { [name: string]: string } = { ...systems.variables, DIRECTUS_TOKEN: DIRECTUS_API_TOKEN, NEXTCLOUD_APP_PASSWORD: NEXTCLOUD_PASSWORD };

  const others: (() => Promise<void>)[] = [];
  let mission: ReturnType<typeof missionWorld> | undefined;

  function shell(line: string): Promise<{ readonly code: number | null; readonly out: string }> {
    const env = { PATH: `${programs}:${outside}`, ...variables };
    const child = spawn('sh', ['-c', runsOn.test(line) ? `exec ${line}` : line], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    const take = (text: string): void => {
      out += text;
      if (runsOn.test(line)) child.kill('SIGTERM');
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', (text: string) => { out += text; });
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
  }

  /** `HUB` and `CONCORD_TOKEN` lead to it; it shares the systems, and nothing else. */
  async function startElsewhere(): Promise<void> {
    const place = workplace({ ...systems.variables, CONCORD_PORT: '0' });
    const running = place.start('start', '--json');
    others.push(async () => {
      running.process.kill('SIGTERM');
      await running.ended;
      place.remove();
    });
    const said = await running.says('"token"');
    const { url, token } = fieldsOf(JSON.parse(said.split('\n')[0] ?? ''));
    Object.assign(variables, { HUB: url, CONCORD_TOKEN: token });
  }

  /** From here on the reader is at a mission organisation, and has no calendar. He has a token in hand, and has set all but that. */
  async function moveToMission() {
    const world = missionWorld(systemClock);
    const { variables: theirs, systems: [reef, nxt], sky } = world;
    if (reef === undefined || nxt === undefined) throw new Error('a mission has two systems');
    const servers = [await serve(reef.fetch, { port: 0 }), await serve(nxt.fetch, { port: 0 })];
    others.push(async () => void (await Promise.all(servers.map((server) => server.close()))));
    const [reefUrl = '', nxtUrl = ''] = servers.map(({ url }) => url);
    for (const name of Object.keys(variables)) delete variables[name];
    const { SERVICE_REEF_APP_ID: id = '', SERVICE_REEF_APP_SECRET: secret = '', NXT_ACCESS_TOKEN: token = '' } = theirs;
    Object.assign(variables, {
      SERVICE_REEF_BASE_URL: reefUrl, SERVICE_REEF_APP_ID: id, SERVICE_REEF_APP_SECRET: secret,
      NXT_SUBSCRIPTION_KEY: sky.subscriptionKey, NXT_API_BASE_URL: nxtUrl, NXT_OAUTH_BASE_URL: nxtUrl, NXT_TOKEN: token,
    });
    mission = world;
  }

  return {
    ...systems,
    folder,
    startElsewhere,
    moveToMission,
    mission: () => mission,
    variables,
    calendar: systems.nextcloud.calendar('events'),
    shell,
    /** The plan that is held, for a line that names it. */
    heldPlan: async (): Promise<string> => /"heldPlans":\[\{"id":"([^"]+)"/.exec((await shell('npx concord status --json')).out)?.[1] ?? 'no-plan-is-held',
    close: async () => {
      for (const end of others) await end();
      await systems.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
