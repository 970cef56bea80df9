/** Shows the whole museum: prints every exhibit as JSON, and ends with 1 if one is not as promised. */
import { runMuseum } from './museum.ts';

const shown = await runMuseum();
process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
process.exitCode = shown.every((one) => one.passesWithDefence && one.failsWithoutDefence) ? 0 : 1;
