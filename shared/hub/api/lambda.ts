/**
 * Serves the handlers behind API Gateway (HTTP API, payload version 2): event in, answer out, and the headers that browsers are to obey.
 * The routes are ours and not the router's: their table also says who may use them.
 */
import chain, { type MiddyfiedHandler } from '@middy/core';
import securityHeaders from '@middy/http-security-headers';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { bodyBytesMax, type Answering, type ApiRequest } from './request.ts';

export type ApiHandler = MiddyfiedHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

/** The handler of a function: `export const handler = apiHandler(controlPlane(parts))`. */
export function apiHandler(answering: Answering): ApiHandler {
  return chain<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>(async (event: APIGatewayProxyEventV2) => {
    const { status, headers, body } = await answering(requestOf(event));
    return { statusCode: status, headers: { ...headers }, body };
  }).use(
    securityHeaders({
      strictTransportSecurity: { maxAge: 365 * 24 * 3600, includeSubDomains: true, preload: false },
      contentSecurityPolicy: { 'default-src': "'none'", 'frame-ancestors': "'none'" },
      contentSecurityPolicyReportOnly: false,
      reportTo: {},
    }),
  );
}

/** The raw bytes of the body, however the gateway wrapped them. */
export function requestOf(event: APIGatewayProxyEventV2): ApiRequest {
  const { http, requestId } = event.requestContext;
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const isTooLarge = bytes.length > bodyBytesMax;
  return {
    method: http.method,
    path: withoutStage(event),
    query: { ...event.queryStringParameters },
    headers: Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: isTooLarge ? new Uint8Array() : bytes,
    isTooLarge,
    requestId,
  };
}

/** A stage with a name of its own stands in front of the path; `$default` does not. */
function withoutStage({ rawPath, requestContext: { stage } }: APIGatewayProxyEventV2): string {
  return rawPath === `/${stage}` || rawPath.startsWith(`/${stage}/`) ? rawPath.slice(stage.length + 1) || '/' : rawPath;
}
