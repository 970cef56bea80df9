/**
 * Findings of the rule packs that we leave as they are, each at the construct it is about and with the reason. Everything else ends
 * `npm run synth`.
 */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** @param findings  by the finding's id, as the report prints it. */
export function acknowledge(construct: IConstruct, findings: { readonly [id: string]: string }): void {
  Validations.of(construct).acknowledge(...Object.entries(findings).map(([id, reason]) => ({ id, reason })));
}
