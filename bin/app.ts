/**
 * The CDK app: one stack for each stage of infra/stages.ts, checked by the rule packs while it is put together. `npm run synth` builds the
 * bundles first; `npx cdk deploy concord-<stage>` deploys one of them.
 */
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { ConcordStack } from '../infra/concord-stack.ts';
import { checkedStage } from '../infra/settings.ts';
import { stages } from '../infra/stages.ts';
import { bundleFolder } from './bundles.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
// The command line tells whose account it is; without credentials the stacks fit any.
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const stackOf = (stage: string): ConcordStack => new ConcordStack(app, {
  stage,
  settings: checkedStage(stage, stages),
  codeOf: (name) => Code.fromAsset(bundleFolder(name)),
  env: { ...(account !== undefined && { account }), ...(region !== undefined && { region }) },
});
for (const stage of Object.keys(stages)) stackOf(stage);
app.synth();
