/** The addresses of a sign-in, apart from what answers them: the control plane describes them, and holds nothing of it. */
import type { Route } from './route.ts';

export const oauthPaths = {
  start: { method: 'GET', path: '/oauth/{system}/start', who: ['admin'], summary: 'sign in to a system: leads to its page of consent; with "Accept: application/json" it tells the address instead' },
  callback: { method: 'GET', path: '/oauth/{system}/callback', who: 'state', summary: 'where the system sends the browser back to', query: { state: 'as it went out; good for one use and ten minutes', code: 'what the tokens are given for', error: 'instead of a code' } },
} as const satisfies { readonly [name: string]: Omit<Route<never>, 'answer'> };
