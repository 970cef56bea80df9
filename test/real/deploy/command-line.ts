/** The command line on the operator's own machine, signed with the secret of the deployed hub. */
import { workplace, type Ended } from '../../bin/concord.ts';

interface Hub {
  readonly jwtSecret: string;
}

/** As `concord token` makes it. */
export async function tokenFor({ jwtSecret }: Hub): Promise<string> {
  const made = await inPlace({ CONCORD_JWT_SECRET: jwtSecret }, ['token', '--role', 'admin', '--for', '1h', '--json']);
  return JSON.parse(made.out).token;
}

export function concordFrom(hub: Hub): (...words: readonly string[]) => Promise<Ended> {
  return async (...words) => inPlace({ CONCORD_TOKEN: await tokenFor(hub) }, words);
}

async function inPlace(variables: Readonly<Record<string, string>>, words: readonly string[]): Promise<Ended> {
  const place = workplace(variables);
  try {
    return await place.run(...words);
  } finally {
    place.remove();
  }
}
