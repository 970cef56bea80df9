/**
 * How every function of the hub is made: Node 24 on arm64, its own role that may do nothing yet, its own log that forgets, traced.
 * What it may do besides is granted by whoever makes it.
 */
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { SecurityGroup, Subnet, Vpc, type ISecurityGroup, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, LayerVersion, LoggingFormat, Runtime, Tracing, type ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { functionName, variable } from '../shared/base/names.ts';
import { acknowledge } from './acknowledge.ts';
import { writeLog } from './grants.ts';
import type { NetworkSettings, StageSettings } from './settings.ts';
import type { Tables } from './tables.ts';

export interface HouseFacts {
  readonly stack: Stack;
  readonly stage: string;
  readonly settings: StageSettings;
  readonly tables: Tables;
  /** The bundle of a function, by its name. */
  readonly codeOf: (name: string) => Code;
  readonly oauthConnectors: readonly string[];
}

export interface FunctionFacts {
  /** Of the construct: `Api`, `DirectusNextcloudPlan`. */
  readonly id: string;
  /** Of the bundle, and with the stage in front of the function. */
  readonly name: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly environment?: { readonly [name: string]: string } | undefined;
}

export type House = HouseFacts & { make(facts: FunctionFacts): Function };

export function house(facts: HouseFacts): House {
  const { stack, stage, settings, tables, codeOf } = facts;
  const place = settings.network && networkOf(stack, settings.network);
  const rhythms = settings.connectors.map(({ id, everyMinutes }) => `${id}=${everyMinutes}`).join(',');

  function make({ id, name, description, timeout, memorySize, environment }: FunctionFacts): Function {
    const logGroup = new LogGroup(stack, `${id}Log`, { logGroupName: `/aws/lambda/${functionName(stage, name)}`, retention: retentionOf(settings.logDays), removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(stack, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), description: `${stage}: ${description}` });
    role.addToPolicy(writeLog(logGroup.logGroupArn));
    acknowledge(role, { 'AwsSolutions-IAM5[Resource::*]': 'X-Ray has no resources: its two actions take no other one', 'Serverless-StarPermissions': 'X-Ray has no resources: its two actions take no other one' });
    if (place) {
      role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole'));
      acknowledge(role, { 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole]': 'the interfaces of a network that Lambda makes have no names to grant; this is the policy that AWS keeps for it' });
    }
    return new Function(stack, id, {
      functionName: functionName(stage, name),
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: codeOf(name),
      timeout,
      memorySize,
      role,
      logGroup,
      loggingFormat: LoggingFormat.TEXT, // our lines are JSON already, and metrics among them
      tracing: Tracing.ACTIVE,
      environment: {
        [variable.stage]: stage,
        [variable.table('links')]: tables.links.tableName,
        [variable.table('runs')]: tables.runs.tableName,
        [variable.table('hosted')]: tables.hosted.tableName,
        [variable.rhythms]: rhythms,
        NODE_OPTIONS: '--enable-source-maps',
        ...environment,
        ...(place?.layer && { NODE_EXTRA_CA_CERTS: '/opt/ca.pem' }),
      },
      ...(place && { vpc: place.vpc, vpcSubnets: place.subnets, securityGroups: [place.securityGroup] }),
      ...(place?.layer && { layers: [place.layer] }),
    });
  }
  return { ...facts, make };
}

const retentionOf = (days: number): RetentionDays => days;

interface Place {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
  readonly layer: ILayerVersion | undefined;
}

function networkOf(stack: Stack, { vpcId, subnetIds, availabilityZones, securityGroupId, caFolder }: NetworkSettings): Place {
  return {
    vpc: Vpc.fromVpcAttributes(stack, 'Network', { vpcId, availabilityZones: [...availabilityZones], privateSubnetIds: [...subnetIds] }),
    subnets: { subnets: subnetIds.map((subnetId, at) => Subnet.fromSubnetAttributes(stack, `Subnet${at}`, { subnetId, availabilityZone: availabilityZones[at] ?? '' })) },
    securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'SecurityGroup', securityGroupId, { mutable: false }),
    layer: caFolder === undefined ? undefined : new LayerVersion(stack, 'CampusCertificates', { code: Code.fromAsset(caFolder), description: 'certificates of the campus' }),
  };
}
