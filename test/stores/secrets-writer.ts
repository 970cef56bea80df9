/**
 * A second process on a secret file, started by secrets.test.ts: it counts in a secret of its own and in one that all writers share.
 */
import { ConditionFailed } from '../../shared/base/errors.ts';
import { fileSecrets, noSecretYet } from '../../shared/stores/file-secrets.ts';

const [path = '', own = ''] = process.argv.slice(2);
const secrets = fileSecrets({ path });

for (let times = 0; times < 20; times += 1) {
  await raise(own);
  await raise('shared');
}

async function raise(name: string): Promise<void> {
  for (;;) {
    const before = await secrets.find(name);
    const count = Number(before?.values['COUNT'] ?? 0) + 1;
    try {
      await secrets.write(name, { COUNT: String(count) }, { ifVersion: before?.version ?? noSecretYet });
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
}
