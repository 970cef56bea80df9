/**
 * Where Concord remembers: the three tables, with the keys and indexes that the table adapter reads (shared/stores/dynamo-table.ts). On
 * demand, restorable to any second of the last 35 days, and expired rows go by themselves.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableName } from '../shared/base/names.ts';
import type { IndexName, TableName } from '../shared/base/table.ts';

export type Tables = { readonly [table in TableName]: TableV2 };

export const indexNames: readonly IndexName[] = ['open', 'match', 'parent'];

export function makeTables(scope: Construct, { stage, keepsData }: { readonly stage: string; readonly keepsData: boolean }): Tables {
  const table = (name: TableName, id: string): TableV2 => new TableV2(scope, id, {
    tableName: tableName(stage, name),
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    globalSecondaryIndexes: indexNames.map((index) => ({
      indexName: index,
      partitionKey: { name: `${index}Key`, type: AttributeType.STRING },
      sortKey: { name: `${index}Sort`, type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    })),
    billing: Billing.onDemand(),
    timeToLiveAttribute: 'ttl',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: keepsData,
    removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  return { links: table('links', 'Links'), runs: table('runs', 'Runs'), hosted: table('hosted', 'Hosted') };
}
