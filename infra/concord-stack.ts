/**
 * Everything that Concord is in the cloud, in the order in which data flows: tables, connectors, what gave up, the HTTP side, alarms.
 * Stages differ in their settings alone.
 */
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { stackName } from '../shared/base/names.ts';
import { acknowledge } from './acknowledge.ts';
import { alarms } from './alarms.ts';
import { connectorInCloud } from './connector.ts';
import { putRows } from './grants.ts';
import { house as houseOf } from './house.ts';
import { httpSide } from './http-api.ts';
import { deadLetterQueue, feed } from './queues.ts';
import { oauthConnectors as knownOAuthConnectors, type StageSettings } from './settings.ts';
import { makeTables } from './tables.ts';

export interface ConcordStackProps extends StackProps {
  readonly stage: string;
  readonly settings: StageSettings;
  /** The bundle of a function, by its name. */
  readonly codeOf: (name: string) => Code;
  /** Default: those of this release. */
  readonly oauthConnectors?: readonly string[] | undefined;
}

const deadLetterTimeout = Duration.seconds(30);

export class ConcordStack extends Stack {
  readonly url: CfnOutput;

  constructor(scope: Construct, { stage, settings, codeOf, oauthConnectors = knownOAuthConnectors, ...props }: ConcordStackProps) {
    super(scope, stackName(stage), { description: `Concord ${stage}: keeps systems in agreement`, terminationProtection: settings.keepsData, ...props });
    const tables = makeTables(this, { stage, keepsData: settings.keepsData });
    const house = houseOf({ stack: this, stage, settings, tables, codeOf, oauthConnectors });
    const gaveUp = deadLetterQueue(this, stage, deadLetterTimeout);

    const connectors = settings.connectors.map((connector) => connectorInCloud(house, connector, gaveUp));

    const deadLetters = house.make({ id: 'DeadLetter', name: 'dead-letter', description: 'Keeps on record what gave up', timeout: deadLetterTimeout, memorySize: 256 });
    deadLetters.addToRolePolicy(putRows(tables.runs));
    acknowledge(deadLetters, { 'Serverless-LambdaDLQ': 'it is what works on the dead-letter queue; what it cannot keep stays there' });
    const mapping = feed(this, 'DeadLetterFeed', { queue: gaveUp, worker: deadLetters, maxConcurrency: 2 });
    acknowledge(mapping, { 'Serverless-LambdaEventSourceMappingDestination': 'it is what works on the dead-letter queue; what it cannot keep stays there' });
    acknowledge(gaveUp, { 'AwsSolutions-SQS3': 'this is the dead-letter queue', 'Serverless-SQSRedrivePolicy': 'this is the dead-letter queue' });

    const { functions, url } = httpSide(house, connectors);
    alarms(house, { connectors, deadLetters, others: [...functions, deadLetters] });
    this.url = new CfnOutput(this, 'Url', { value: url, description: 'Where the HTTP side answers: concord --remote' });
  }
}
