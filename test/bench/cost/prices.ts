/**
 * What AWS asks for, in USD: list prices of us-east-1 without any free tier. Compared in 2026-11 with public pages that quote AWS's price list
 * (it could not be read itself): of DynamoDB, whose on-demand prices were halved on 2024-11-01, airbyte.com/data-engineering-resources/dynamodb-pricing
 * (2025-07) and finops.com.py (recovery); of SQS and the scheduler, cloudburn.io (2026-03); of Secrets Manager and CloudWatch, the API Evangelist's
 * copies of AWS's pages (2026-09, 2026-05). All agreed. Of traces no such page was found: assumed.
 */
const million = 1_000_000;

export const prices = {
  /** Arm, a second of a gigabyte. */
  lambdaGbSecond: 0.000_013_333_4,
  lambdaRequest: 0.2 / million,
  /** On demand; a strongly consistent read of 4 KB, a write of 1 KB. */
  dynamoRead: 0.125 / million,
  dynamoWrite: 0.625 / million,
  dynamoGbMonth: 0.25,
  /** Point-in-time recovery. */
  dynamoBackupGbMonth: 0.2,
  sqsRequest: 0.4 / million,
  secretMonth: 0.4,
  secretCall: 0.05 / 10_000,
  /** For each metric that an alarm watches. */
  alarmMonth: 0.1,
  metricMonth: 0.3,
  logGb: 0.5,
  logGbMonth: 0.03,
  schedulerCall: 1 / million,
  trace: 5 / million,
} as const;
