/** `concord token`: signs a token for the hub's HTTP side, with this machine's own secret or the one in the environment. */
import { InvalidArgumentError, type Command } from 'commander';
import { roles, type Role } from '../../shared/hub/api/route.ts';
import { apiSecretsIn, signToken } from '../../shared/hub/api/sign-in.ts';
import { openStateFolder } from '../../shared/hub/state-folder.ts';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { addJson, configOf, printJson, type Context, type Json } from '../context.ts';
import { parseDuration } from '../duration.ts';

interface TokenFlags extends Json {
  readonly role: readonly Role[];
  readonly for: number;
  readonly name: string;
}

const usualMs = 3_600_000;

export function addToken(program: Command, context: Context): void {
  const command = program
    .command('token')
    .description('sign a token for the HTTP side, for development and for trying things out')
    .option('--role <role>', `${roles.join(', ')}; several with commas between them`, parseRoles, ['viewer'])
    .option('--for <span>', 'how long it is valid: 30m, 1h, ...', parseDuration, usualMs)
    .option('--name <name>', 'stands where it is remembered who said something', 'concord token')
    .addHelpText('after', '\nIt is signed with CONCORD_JWT_SECRET, or with the secret in the state folder that npm start uses. Whoever holds it has its roles until it ends: it cannot be taken back, except by another secret.')
    .action(async ({ role, for: forMs, name, json }: TokenFlags) => {
      const nowMs = context.clock.now();
      const token = await signToken(secretOf(context), { roles: role, name, nowMs, forMs });
      if (json === true) printJson(context, { token, roles: role, validUntil: new Date(nowMs + forMs).toISOString() });
      else context.out(`${token}\n`);
    });
  addJson(command);
}

/** @throws ConfigurationInvalid, StoreUnavailable */
function secretOf(context: Context): string {
  const { variables, statePath } = configOf(context);
  const { jwtSecret } = apiSecretsIn(variables);
  if (jwtSecret !== undefined) return jwtSecret;
  if (statePath === ':memory:') throw new ConfigurationInvalid(['CONCORD_STATE is :memory:, so no other process knows its secret; set CONCORD_JWT_SECRET for both']);
  return openStateFolder(statePath, `token-${process.pid}`).jwtSecret();
}

function parseRoles(text: string): readonly Role[] {
  const words = text.split(',').map((word) => word.trim());
  const known = words.flatMap((word) => roles.filter((role) => role === word));
  if (known.length !== words.length) throw new InvalidArgumentError(`There is ${roles.join(', ')}.`);
  return known;
}
