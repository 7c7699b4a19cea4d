import type { IncomingHttpHeaders } from 'node:http';

const LOCAL_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost']);

/**
 * Why a request may not be answered: a page in a browser sent it, by a name that leads to this machine by way of a foreign DNS
 * entry, or from another origin. The SDK sends no Origin. Undefined where it may.
 */
export const senderFault = ({ host: given, origin }: IncomingHttpHeaders): string | undefined => {
  const host = URL.parse(`http://${given ?? ''}`)?.hostname;
  if (host === undefined || !LOCAL_HOSTS.has(host))
    return `host: expected ${[...LOCAL_HOSTS].join(' or ')}, got ${given}`;
  if (origin !== undefined && !LOCAL_HOSTS.has(URL.parse(origin)?.hostname ?? ''))
    return `origin: expected none or one of this machine, got ${origin}`;
  return undefined;
};
