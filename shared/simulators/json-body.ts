/**
 * A JSON body as lenient servers read it: the members of its object. Another content type, a broken text and a list bring none;
 * what a vendor makes of their absence is in its own simulator.
 */
import type { Call } from './call.ts';

export function membersOf(call: Call): Readonly<Record<string, unknown>> {
  if (!(call.headers.get('content-type') ?? '').startsWith('application/json')) return {};
  try {
    const sent: unknown = JSON.parse(call.body);
    return typeof sent === 'object' && sent !== null && !Array.isArray(sent) ? { ...sent } : {};
  } catch {
    return {};
  }
}
