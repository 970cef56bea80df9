/**
 * The description of the interface (OpenAPI 3.1), made from the tables of routes, so that it cannot tell of other routes than there are.
 */
import * as z from 'zod/mini';
import { $ZodType } from 'zod/v4/core';
import type { Route, Who } from './route.ts';

type AnyRoute = Pick<Route<never>, 'method' | 'path' | 'who' | 'summary' | 'query' | 'body'>;

export function openApi(routes: readonly AnyRoute[]): object {
  const paths: { [path: string]: { [method: string]: object } } = {};
  for (const route of routes) {
    const path = route.path.replaceAll('+}', '}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Concord', version: '1', description: 'What people and machines may ask of the hub. Errors are application/problem+json (RFC 9457) with a stable code and the request id.' },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
      responses: { problem: { description: 'it was refused, or could not be done', content: { 'application/problem+json': { schema: { type: 'object' } } } } },
    },
  };
}

function operation({ method, path, who, summary, query, body }: AnyRoute): object {
  const inPath = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name = '']) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const inQuery = Object.entries(query ?? {}).map(([name, description]) => ({ name, in: 'query', description, schema: { type: 'string' } }));
  const accepted = method === 'POST' ? { '202': { description: 'accepted; it goes on', ...json } } : {};
  return {
    summary,
    description: whoText(who),
    security: typeof who === 'string' && who !== 'signed-in' ? [] : [{ token: [] }, { key: [] }],
    parameters: [...inPath, ...inQuery],
    requestBody: body instanceof $ZodType ? { required: !body.safeParse({}).success, content: { 'application/json': { schema: z.toJSONSchema(body) } } } : undefined,
    responses: { '200': { description: 'done', ...json }, ...accepted, default: { $ref: '#/components/responses/problem' } },
  };
}

const json = { content: { 'application/json': { schema: { type: 'object' } } } };

function whoText(who: Who): string {
  if (who === 'public') return 'For everybody.';
  if (who === 'state') return 'For whoever comes back from a sign-in that was begun here.';
  if (who === 'signature') return 'For those who can sign: see the dialect of the sender.';
  return who === 'signed-in' ? 'For whoever is signed in.' : `For the roles ${who.join(' and ')}.`;
}
