/** The stack as CloudFormation gets it, with an empty function for each bundle; and what tests ask of a template. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { ConcordStack } from '../../infra/concord-stack.ts';
import type { StageSettings } from '../../infra/settings.ts';
import { fieldsOf } from '../../shared/base/fields-of.ts';

export const aStage: StageSettings = { keepsData: false, logDays: 7, connectors: [{ id: 'directus-nextcloud', everyMinutes: 60, timeZone: 'Europe/Berlin' }] };

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Fields;
  readonly keptAs: unknown;
}

export type Fields = { readonly [name: string]: unknown };

/** @param oauthConnectors  those that people sign in for; by default as in this release. */
export function resourcesOf(settings: Partial<StageSettings> = {}, oauthConnectors?: readonly string[]): readonly Resource[] {
  const stack = new ConcordStack(new App({ context: { '@aws-cdk/core:enablePartitionLiterals': true } }), { stage: 'test', oauthConnectors, settings: { ...aStage, ...settings }, codeOf: () => Code.fromInline('exports.handler = async () => {};') });
  const { Resources } = fieldsOf(Template.fromStack(stack).toJSON());
  return Object.entries(fieldsOf(Resources)).map(([id, resource]) => {
    const { Type, Properties, DeletionPolicy } = fieldsOf(resource);
    return { id, type: String(Type), properties: fieldsOf(Properties), keptAs: DeletionPolicy };
  });
}

export const ofType = (resources: readonly Resource[], type: string): readonly Resource[] => resources.filter((one) => one.type === type);

/** The id of the resource that a reference names: `{ Ref }` or `{ Fn::GetAtt: [id, ...] }`. */
export function referred(value: unknown): string | undefined {
  const { Ref, 'Fn::GetAtt': attribute } = fieldsOf(value);
  if (typeof Ref === 'string') return Ref;
  return Array.isArray(attribute) && typeof attribute[0] === 'string' ? attribute[0] : undefined;
}

export interface Statement {
  readonly role: string;
  readonly effect: unknown;
  readonly actions: readonly unknown[];
  readonly resources: readonly unknown[];
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Of every policy of a role; what queues and topics say about themselves is not among it. */
export function statementsOf(resources: readonly Resource[]): readonly Statement[] {
  return ofType(resources, 'AWS::IAM::Policy').flatMap(({ properties: { PolicyDocument, Roles } }) =>
    listed(fieldsOf(PolicyDocument)['Statement']).flatMap((statement) => {
      const { Effect, Action, Resource: named } = fieldsOf(statement);
      return listed(Roles).map((role) => ({ role: referred(role) ?? '', effect: Effect, actions: listed(Action), resources: listed(named) }));
    }));
}
