/**
 * What stands in front of a system answers in words for people: proxies, gateways, a server under repair. Pages in HTML and in
 * plain text, for the simulators whose vendors are known to send them where a program expects data.
 */
export function htmlPage(status: number, heading: string, statusText = ''): Response {
  const page = `<!doctype html><html><head><title>${heading}</title></head><body><h1>${heading}</h1></body></html>`;
  return new Response(page, { status, statusText, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

export function textPage(status: number, text: string, statusText = ''): Response {
  return new Response(text, { status, statusText, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
