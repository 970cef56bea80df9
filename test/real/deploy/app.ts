/**
 * The stack as bin/app.ts deploys it, for two stages of the deploy test: one that goes without a trace, one that keeps its data. Left out
 * is what the emulator refuses: an alarm over several metrics at once (the template tests look at it). DEPLOY_MARK changes the code
 * of every function without changing what it does, DEPLOY_UNPROTECTED lets a stack be destroyed.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Aspects } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { bundleFolder } from '../../../bin/bundles.ts';
import { ConcordStack } from '../../../infra/concord-stack.ts';
import { checkedStage, type StageSettings } from '../../../infra/settings.ts';
import { account, region } from '../servers/ministack.ts';

const connectors = [{ id: 'directus-nextcloud', everyMinutes: 60, timeZone: 'Europe/Berlin' }];
const stages: { readonly [stage: string]: StageSettings } = {
  try: { keepsData: false, logDays: 1, connectors },
  keep: { keepsData: true, logDays: 1, connectors },
};

const copies = mkdtempSync(join(tmpdir(), 'concord-bundles-'));
process.once('exit', () => rmSync(copies, { recursive: true, force: true }));

function marked(stage: string, name: string): string {
  const folder = join(copies, stage, name);
  cpSync(bundleFolder(name), folder, { recursive: true });
  writeFileSync(join(folder, 'mark.txt'), process.env['DEPLOY_MARK'] ?? '');
  return folder;
}

function leaveOutMath(node: IConstruct): void {
  if (node instanceof CfnAlarm && node.metrics !== undefined) node.node.scope?.node.tryRemoveChild(node.node.id);
}

/** As a person lifts the protection of a stack before destroying it. */
const unprotected = process.env['DEPLOY_UNPROTECTED'] === undefined ? {} : { terminationProtection: false };

const app = new App();
for (const stage of Object.keys(stages)) {
  const codeOf = (name: string): Code => Code.fromAsset(marked(stage, name));
  const stack = new ConcordStack(app, { stage, settings: checkedStage(stage, stages), codeOf, env: { account, region }, ...unprotected });
  Aspects.of(stack).add({ visit: leaveOutMath });
}
app.synth();
