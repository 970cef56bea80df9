/** The table of the control plane: every route there is, and the description made from it. Webhooks and sign-ins are served apart, and described here. */
import { decidingRoutes } from './deciding-routes.ts';
import { oauthPaths } from './oauth-paths.ts';
import { openApi } from './open-api.ts';
import type { ControlPlane } from './plane.ts';
import { readingRoutes } from './reading-routes.ts';
import type { Route } from './route.ts';
import { webhookRoutes } from './webhook.ts';

export const routes: readonly Route<ControlPlane>[] = [
  ...readingRoutes,
  ...decidingRoutes,
  { method: 'GET', path: '/api/openapi.json', who: 'signed-in', summary: 'this description', answer: async ({ memories }) => ({ body: openApi([...routes, ...webhookRoutes, ...(memories.some(({ entry }) => entry.oauth) ? Object.values(oauthPaths) : [])]) }) },
];
