/**
 * The layout of the three DynamoDB tables as plain data, read by the adapter, by the infrastructure and by the tests, so that none of
 * them can name a key differently. All three tables are made alike. What the attributes hold: dynamo-rows.ts.
 */
import type { IndexName } from '../base/table.ts';

export const dynamoSchema = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Sparse and keys only: whoever reads an index reads the rows themselves afterwards. Each index's partition key has its own name. */
  indexNames: ['open', 'match', 'parent'],
  /** Sort key of each index, bytes. */
  indexSortKey: 'place',
  /** Epoch seconds, for DynamoDB's own clearing away. */
  timeToLive: 'expires',
} as const satisfies { readonly indexNames: readonly IndexName[]; readonly [name: string]: unknown };
