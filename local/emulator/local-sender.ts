import type { IncomingHttpHeaders } from 'node:http';

const LOCAL_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost']);

/**
 * Why a request must not be answered: a web page sent it, either under a foreign name that resolves to this machine, or from
 * another origin. The SDK sends no Origin. Undefined if it may be answered.
 */
export const senderFault = ({ host: given, origin }: IncomingHttpHeaders): string | undefined => {
  const host = URL.parse(`http://${given ?? ''}`)?.hostname;
  if (host === undefined || !LOCAL_HOSTS.has(host))
    return `host: expected ${[...LOCAL_HOSTS].join(' or ')}, got ${given}`;
  if (origin !== undefined && !LOCAL_HOSTS.has(URL.parse(origin)?.hostname ?? ''))
    return `origin: expected none or one of this machine, got ${origin}`;
  return undefined;
};
