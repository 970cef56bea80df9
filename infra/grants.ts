/**
 * What a function may do, one resource and exact actions at a time. Written out here instead of the constructs' own grants, because those
 * are wider: they speak of all indexes of a table and of all versions of a function.
 */
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { indexNames } from '../shared/stores/dynamo-rows.ts';

const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement => new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] });

export const tableActions = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'];

export const useTable = ({ tableArn }: TableV2): readonly PolicyStatement[] => [
  allow(tableActions, [tableArn]),
  allow(['dynamodb:Query'], indexNames.map((index) => `${tableArn}/index/${index}`)),
];

/** One row at a time, by its name: what a sign-in that is under way takes. */
export const keepRows = ({ tableArn }: TableV2): PolicyStatement => allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [tableArn]);

/** Letters alone: rows are put, and nothing is read. */
export const putRows = ({ tableArn }: TableV2): PolicyStatement => allow(['dynamodb:PutItem'], [tableArn]);

export const sendTo = ({ queueArn }: IQueue): PolicyStatement => allow(['sqs:SendMessage'], [queueArn]);

/** What the platform does in the function's name when it hands out messages. */
export const receiveFrom = ({ queueArn }: IQueue): PolicyStatement => allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn]);

/** @param secretArn  whole, with the six letters that Secrets Manager adds: the secrets are made by this stack. */
export const readSecret = ({ secretArn }: Pick<ISecret, 'secretArn'>): PolicyStatement => allow(['secretsmanager:GetSecretValue'], [secretArn]);

/** A new version, and its label: for whoever renews the tokens in it. */
export const writeSecret = ({ secretArn }: Pick<ISecret, 'secretArn'>): PolicyStatement => allow(['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'], [secretArn]);

export const invoke = ({ functionArn }: Pick<IFunction, 'functionArn'>): PolicyStatement => allow(['lambda:InvokeFunction'], [functionArn]);

export const writeLog = (logGroupArn: string): PolicyStatement => allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroupArn]);
