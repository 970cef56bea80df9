/**
 * The HTTP side: one API, its routes, who answers them. Who may do what is checked in the functions, by one table of routes and roles;
 * here every route gets its limit and every request its line in the access log.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { CfnStage, HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { apiSecretName, functionName, variable } from '../shared/base/names.ts';
import { acknowledge } from './acknowledge.ts';
import type { ConnectorInCloud } from './connector.ts';
import { invoke, keepRows, putRows, readSecret, useTable, writeSecret } from './grants.ts';
import type { House } from './house.ts';

export interface HttpSide {
  readonly functions: readonly Function[];
  readonly url: string;
}

/** `oauth` only where a connector is switched on that people sign in for. */
type Answering = { readonly api: Function; readonly webhook: Function; readonly oauth: Function | undefined };

const routes: readonly { readonly method: HttpMethod; readonly path: string; readonly answeredBy: keyof Answering; readonly perSecond: number; readonly burst: number }[] = [
  { method: HttpMethod.GET, path: '/health', answeredBy: 'api', perSecond: 5, burst: 10 },
  { method: HttpMethod.ANY, path: '/api/{proxy+}', answeredBy: 'api', perSecond: 20, burst: 40 },
  // Somebody saves many items at once, and each is told by itself.
  { method: HttpMethod.ANY, path: '/api/webhook/{connector}', answeredBy: 'webhook', perSecond: 50, burst: 200 },
  { method: HttpMethod.GET, path: '/oauth/{system}/start', answeredBy: 'oauth', perSecond: 1, burst: 5 },
  { method: HttpMethod.GET, path: '/oauth/{system}/callback', answeredBy: 'oauth', perSecond: 5, burst: 10 },
];

/** No address and no query: both may say who somebody is. */
const accessLine = {
  requestId: '$context.requestId', time: '$context.requestTime', route: '$context.routeKey', status: '$context.status',
  protocol: '$context.protocol', bytes: '$context.responseLength', ms: '$context.integrationLatency', error: '$context.integrationErrorMessage',
};

export function httpSide(house: House, connectors: readonly ConnectorInCloud[]): HttpSide {
  const { stack, stage, settings, tables } = house;
  const secret = new Secret(stack, 'ApiSecret', {
    secretName: apiSecretName(stage),
    description: 'What signs the tokens of people, and the keys of machines',
    generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'CONCORD_JWT_SECRET', passwordLength: 64, excludePunctuation: true },
    removalPolicy: settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  acknowledge(secret, { 'AwsSolutions-SMG4': 'a new key makes every token invalid at once; when, is for a person to say (docs/aws.md)' });

  // The gateway gives up after 30 s, and an errand is waited for 20.
  const api = house.make({ id: 'Api', name: 'api', description: 'Answers people and machines', timeout: Duration.seconds(29), memorySize: 512, environment: { [variable.secretId]: apiSecretName(stage) } });
  for (const table of [tables.links, tables.runs, tables.hosted]) for (const statement of useTable(table)) api.addToRolePolicy(statement);
  api.addToRolePolicy(readSecret(secret));

  const webhook = house.make({ id: 'Webhook', name: 'webhook', description: 'Hears what systems tell', timeout: Duration.seconds(10), memorySize: 512 });
  webhook.addToRolePolicy(putRows(tables.runs));
  for (const connector of connectors) {
    api.addToRolePolicy(invoke(connector.plan));
    webhook.addToRolePolicy(invoke(connector.plan));
    webhook.addToRolePolicy(readSecret(connector.secret));
  }
  const oauth = signingIn(house, secret, connectors.filter(({ hasOAuth }) => hasOAuth));
  const functions = oauth === undefined ? [api, webhook] : [api, webhook, oauth];
  for (const answering of functions) acknowledge(answering, { 'Serverless-LambdaDLQ': 'only the gateway calls it, and waits for the answer' });
  return { functions, url: gateway(house, { api, webhook, oauth }) };
}

/** Of the connectors' secrets only theirs, which it writes; of the API's, what admins are known by. */
function signingIn(house: House, apiSecret: Secret, connectors: readonly ConnectorInCloud[]): Function | undefined {
  if (connectors.length === 0) return undefined;
  const { stage, tables } = house;
  const oauth = house.make({ id: 'OAuth', name: 'oauth', description: 'Signs people in to systems', timeout: Duration.seconds(29), memorySize: 512, environment: { [variable.secretId]: apiSecretName(stage) } });
  oauth.addToRolePolicy(keepRows(tables.runs));
  oauth.addToRolePolicy(readSecret(apiSecret));
  for (const { secret } of connectors) {
    oauth.addToRolePolicy(readSecret(secret));
    oauth.addToRolePolicy(writeSecret(secret));
  }
  return oauth;
}

function gateway({ stack, stage, settings }: House, functions: Answering): string {
  const http = new HttpApi(stack, 'Http', { apiName: functionName(stage, 'http'), description: `Concord ${stage}`, createDefaultStage: false });
  const served = routes.flatMap(({ answeredBy, ...route }) => {
    const answering = functions[answeredBy];
    return answering === undefined ? [] : [{ ...route, answeredBy, answering }];
  });
  const added = served.flatMap(({ method, path, answeredBy, answering }) => http.addRoutes({ path, methods: [method], integration: new HttpLambdaIntegration(`${answeredBy}${method}${path}`, answering) }));
  for (const route of added) acknowledge(route, { 'AwsSolutions-APIG4': 'who is calling is checked in the function: by token or key against one table of routes and roles, webhooks by their signature, who comes back from a sign-in by its state' });
  const accessLog = new LogGroup(stack, 'AccessLog', { logGroupName: `/concord/${stage}/access`, retention: settings.logDays, removalPolicy: RemovalPolicy.DESTROY });
  const made = new HttpStage(stack, 'HttpStage', {
    httpApi: http,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: 20, burstLimit: 40 },
    accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: AccessLogFormat.custom(JSON.stringify(accessLine)) },
  });
  const cfn = made.node.defaultChild;
  if (!(cfn instanceof CfnStage)) throw new Error('the stage of an HTTP API is another construct than it was');
  cfn.routeSettings = Object.fromEntries(served.map(({ method, path, perSecond, burst }) => [`${method} ${path}`, { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst }]));
  for (const route of added) made.node.addDependency(route); // a limit for a route that is not there yet is refused
  return made.url;
}
