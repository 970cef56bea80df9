/**
 * The other side of the control plane in the cloud: errands are carried to the plan function of their connector. Who asks is kept waiting
 * for 20 seconds; then the errand goes on by itself, and its connector's status tells when it is over.
 */
import { functionName, planFunction } from '../base/names.ts';
import { fieldsOf } from '../base/fields-of.ts';
import type { FunctionInvoker } from '../stores/lambda-invoker.ts';
import type { ErrandAnswer, Host } from './errand.ts';
import type { ErrandTrigger } from './trigger.ts';

const waitMs = 20_000; // the gateway gives up after 30 s

/** @param timeout  aborts after so many ms; the real one is `AbortSignal.timeout`. */
export function awsHost({ invoker, stage, timeout = (ms) => AbortSignal.timeout(ms) }: { readonly invoker: FunctionInvoker; readonly stage: string; readonly timeout?: (ms: number) => AbortSignal }): Host {
  const planOf = (connector: string): string => functionName(stage, planFunction(connector));
  return {
    async start(errand) {
      const signal = timeout(waitMs);
      const trigger: ErrandTrigger = { trigger: 'errand', errand };
      try {
        return answerIn(await invoker.ask(planOf(errand.connector), trigger, signal));
      } catch (error) {
        if (signal.aborted) return 'underway';
        throw error;
      }
    },
    async nudge(connector) {
      const trigger: ErrandTrigger = { trigger: 'errand', errand: { kind: 'look', connector } };
      await invoker.start(planOf(connector), trigger);
    },
  };
}

/** What our own function of the same release answers. @throws an Error for anything else */
function answerIn(said: unknown): ErrandAnswer {
  const { kind, answer } = fieldsOf(said);
  if (kind !== 'errand' || !isAnswer(answer)) throw new Error('the plan function answered something else than was asked');
  return answer;
}

function isAnswer(answer: unknown): answer is ErrandAnswer {
  const { kind } = fieldsOf(answer);
  return kind === 'reports' || kind === 'told' || kind === 'failed';
}
