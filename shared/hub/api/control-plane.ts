/**
 * The control plane: everything that a person or a machine may ask of the hub over HTTP, built once for AWS and for one machine. The
 * routes stand in routes.ts, webhooks in webhook.ts, who serves it in lambda.ts and http-local.ts.
 */
import { frontDesk } from '../front-desk.ts';
import { memoryNamed, openHealth, type ControlPlane } from './plane.ts';
import type { Answering } from './request.ts';
import { serveRoutes } from './route.ts';
import { routes } from './routes.ts';
import { callerOf, type ApiSecrets } from './sign-in.ts';

export interface ControlPlaneParts extends Omit<ControlPlane, 'desk' | 'openHealth'> {
  readonly secrets: () => Promise<ApiSecrets>;
}

export function controlPlane({ secrets, ...parts }: ControlPlaneParts): Answering {
  const { clock, log, memories } = parts;
  const plane: ControlPlane = { ...parts, openHealth: openHealth(parts), desk: frontDesk({ clock, memories, memory: (connector) => memoryNamed(parts, connector) }) };
  return serveRoutes({ routes, plane, identify: callerOf({ clock, secrets }), clock, log });
}
