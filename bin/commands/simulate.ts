/** `concord simulate`: the systems, imitated, alone on ports of this machine, with sample data; for trying things out from outside. */
import { InvalidArgumentError, type Command } from 'commander';
import { catalog } from '../../shared/hub/catalog.ts';
import type { ServedSimulator } from '../../shared/simulators/serve.ts';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { addJson, printJson, type Context, type Json } from '../context.ts';
import { shellWord } from '../print.ts';

interface SimulateFlags extends Json {
  readonly port: number;
}

const usualPort = 8790;

export function addSimulate(program: Command, context: Context): void {
  const command = program
    .command('simulate')
    .description('start the simulated systems alone, with sample data, until Ctrl-C; print their addresses and the variables to use')
    .option('--port <number>', 'of the first system; the others follow; 0 takes any that are free', parsePort, usualPort)
    .action(async ({ port, json }: SimulateFlags) => {
      // Loaded here only: the other verbs start without the simulators.
      const { sampleWorlds } = await import('../../shared/hub/sample-worlds.ts');
      const world = sampleWorlds(context.clock);
      const servers: ServedSimulator[] = [];
      try {
        for (const [at, { fetch }] of world.systems.entries()) servers.push(await listening(fetch, port === 0 ? 0 : port + at));
        const origins = new Map(world.systems.map(({ origin }, at) => [origin, servers[at]?.url ?? origin]));
        const variables = Object.fromEntries(Object.entries(world.variables).map(([name, value = '']) => [name, moved(value, origins)]));
        const systems = world.systems.map(({ name }, at) => ({ name, url: servers[at]?.url ?? '' }));
        if (json === true) printJson(context, { systems, variables });
        else context.out(`${introduction(systems, variables)}\n`);
        await stopped(context);
        context.code = context.stops.isService() ? 0 : context.stops.code();
      } finally {
        for (const server of servers) await server.close();
      }
    });
  addJson(command);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_500) throw new InvalidArgumentError('Write a port number, 0 to 65500.');
  return port;
}

async function listening(fetch: typeof globalThis.fetch, port: number): Promise<ServedSimulator> {
  const { serve } = await import('../../shared/simulators/serve.ts');
  try {
    return await serve(fetch, { port });
  } catch (error) {
    throw new ConfigurationInvalid([`port ${port} cannot be used; name another with --port, or --port 0 for any`], { cause: error });
  }
}

/** The same address on the server that really answers. */
function moved(value: string, origins: ReadonlyMap<string, string>): string {
  const [origin, url] = [...origins].find(([one]) => value === one || value.startsWith(`${one}/`)) ?? [];
  return origin === undefined || url === undefined ? value : `${url}${value.slice(origin.length)}`;
}

function introduction(systems: readonly { readonly name: string; readonly url: string }[], variables: { readonly [name: string]: string }): string {
  const width = Math.max(...systems.map(({ name }) => name.length));
  return [
    'Simulated, with invented data, until Ctrl-C; then all of it is gone:',
    ...systems.map(({ name, url }) => `  ${name.padEnd(width)}  ${url}`),
    'To use them, in another terminal (CONCORD_STATE keeps your own state apart):',
    ...Object.entries(variables).map(([name, value]) => `  export ${name}=${shellWord(value)}`),
    '  export CONCORD_STATE=.concord/simulated',
    ...catalog.map(({ id }) => `  npx concord plan ${id}`),
  ].join('\n');
}

async function stopped({ stops: { signal } }: Context): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
