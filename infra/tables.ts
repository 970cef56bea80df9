/**
 * Where Concord remembers: the three tables, with the keys and indexes that the table adapter reads (shared/stores/dynamo-rows.ts). On
 * demand, restorable to any second of the last 35 days, and expired rows go by themselves.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableName } from '../shared/base/names.ts';
import type { TableName } from '../shared/base/table.ts';
import { indexKey, indexNames, indexSort, ttlAttribute } from '../shared/stores/dynamo-rows.ts';

export type Tables = { readonly [table in TableName]: TableV2 };

export function makeTables(scope: Construct, { stage, keepsData }: { readonly stage: string; readonly keepsData: boolean }): Tables {
  const table = (name: TableName, id: string): TableV2 => new TableV2(scope, id, {
    tableName: tableName(stage, name),
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    globalSecondaryIndexes: indexNames.map((indexName) => ({
      indexName,
      partitionKey: { name: indexKey(indexName), type: AttributeType.STRING },
      sortKey: { name: indexSort(indexName), type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY, // the rows themselves are read from the table: a copy would be billed with each write
    })),
    billing: Billing.onDemand(),
    timeToLiveAttribute: ttlAttribute,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: keepsData,
    removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  return { links: table('links', 'Links'), runs: table('runs', 'Runs'), hosted: table('hosted', 'Hosted') };
}
