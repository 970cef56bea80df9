/**
 * The address of a system, as a person configured it, checked before any credential is sent there.
 */
import { ConfigurationInvalid } from '../base/errors.ts';

/**
 * @param options.allowHttp  permits plain http beyond loopback; a decision of the site (a private network), never a default.
 * @throws ConfigurationInvalid for what is no http(s) URL, for plain http to another machine, and for credentials in the URL,
 * which would end up in logs.
 */
export function checkedAddress(system: string, address: string, options: { readonly allowHttp?: boolean | undefined } = {}): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ConfigurationInvalid([`the address of ${system} is not an http(s) URL`]);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigurationInvalid([`the address of ${system} holds credentials; set them apart from it`]);
  }
  if (url.protocol === 'http:' && options.allowHttp !== true && !isLoopback(url.hostname)) {
    throw new ConfigurationInvalid([`the address of ${system} is plain http, which shows credentials to the network; use https, or allow http for it`]);
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
