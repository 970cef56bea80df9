/**
 * The verbs by name, each loaded when it is asked for: a run starts without the server, the simulators and what thirteen other
 * verbs bring. Help, and a word that is no verb, load them all.
 */
import type { Command } from 'commander';
import type { Context } from './context.ts';

type AddVerb = (program: Command, context: Context) => void;

/** In the order of the help. */
const verbs: { readonly [name: string]: () => Promise<AddVerb> } = {
  run: async () => (await import('./commands/run.ts')).addRun,
  plan: async () => (await import('./commands/plan.ts')).addPlan,
  apply: async () => (await import('./commands/apply.ts')).addApply,
  status: async () => (await import('./commands/status.ts')).addStatus,
  explain: async () => (await import('./commands/explain.ts')).addExplain,
  resolve: async () => (await import('./commands/resolve.ts')).addResolve,
  replay: async () => (await import('./commands/replay.ts')).addReplay,
  pause: async () => (await import('./commands/pause.ts')).addPause,
  resume: async () => (await import('./commands/pause.ts')).addResume,
  connect: async () => (await import('./commands/connect.ts')).addConnect,
  import: async () => (await import('./commands/import.ts')).addImport,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  token: async () => (await import('./commands/token.ts')).addToken,
  invoke: async () => (await import('./commands/invoke.ts')).addInvoke,
  start: async () => (await import('./commands/start.ts')).addStart,
  simulate: async () => (await import('./commands/simulate.ts')).addSimulate,
};

/** Adds the verb that `words` begin with, or all of them. */
export async function addVerbs(program: Command, context: Context, words: readonly string[]): Promise<void> {
  const [first = ''] = words;
  const named = Object.hasOwn(verbs, first) ? verbs[first] : undefined;
  for (const load of named === undefined ? Object.values(verbs) : [named]) (await load())(program, context);
}
