/**
 * The stacks of bin/app.ts for an account that the emulator plays, with the two things a test changes: alarms over several figures are
 * taken out, because ministack refuses metric math in a template; and the bundles may come from another folder, which is how the second
 * deploy gets code that has changed. Everything else is what a site deploys.
 */
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { ConcordStack } from '../../../infra/concord-stack.ts';
import { checkedStage } from '../../../infra/settings.ts';
import { stages } from '../../../infra/stages.ts';

const app = new App();
const { CONCORD_TEST_BUNDLES: bundles = '', CDK_DEFAULT_ACCOUNT: account = '', CDK_DEFAULT_REGION: region = '' } = process.env;

for (const stage of Object.keys(stages)) {
  const settings = checkedStage(stage, stages);
  const stack = new ConcordStack(app, { stage, settings, codeOf: (name) => Code.fromAsset(join(bundles, name)), env: { account, region } });
  for (const construct of stack.node.findAll()) {
    if (construct instanceof CfnAlarm && construct.metrics !== undefined) construct.node.scope?.node.tryRemoveChild(construct.node.id);
  }
}
app.synth();
