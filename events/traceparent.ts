/**
 * The extension attribute `traceparent` (CloudEvents, "Distributed Tracing"), which names the trace of the producer's request as
 * the header of the same name does (W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header).
 */
export const TRACEPARENT_ATTRIBUTE = 'traceparent';

/** Refuses the version ff, and a trace or parent id of zeros only. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/s;

const SAMPLED = 0x01;

/**
 * The `traceparent` of an event, even of one that is refused; undefined if there is none or if it is invalid, because the
 * standard asks to ignore an invalid one. One of a later version is passed on as version 00, with its ids and, of its flags, only
 * `sampled`.
 */
export const traceparentOf = (event: unknown): string | undefined => {
  if (typeof event !== 'object' || event === null) return undefined;
  const { [TRACEPARENT_ATTRIBUTE]: given } = event as Record<string, unknown>;
  const [, version, traceId, parentId, flags, rest] =
    (typeof given === 'string' && TRACEPARENT.exec(given)) || [];
  if (version === undefined || (version === '00' && rest !== undefined)) return undefined;
  const known =
    version === '00' ? flags : (Number.parseInt(flags!, 16) & SAMPLED).toString().padStart(2, '0');
  return `00-${traceId}-${parentId}-${known}`;
};
