/** Traces (W3C Trace Context) in logs and in message attributes. Every `traceparent` in this file is valid and of version 00. */
import { chunks } from './collections.ts';
import type { Runtime } from './runtime.ts';

/** Limits a line to about 33 KB, far below the 256 KB that every log service takes. */
const TRACES_PER_LINE = 1_000;

/** The id of a trace: 32 hexadecimal digits. */
const traceIdOf = (traceparent: string): string => traceparent.slice('00-'.length, '00-'.length + 32);

/**
 * Logs the ids of traces, each once, at most a thousand in a line; logs nothing if there are none. The ids of a line are joined
 * into one text, because a query of CloudWatch sees only the first 200 fields of a line.
 */
export const logTraces = (
  { logger }: Pick<Runtime, 'logger'>,
  message: string,
  traceparents: readonly string[],
): void => {
  for (const ids of chunks([...new Set(traceparents.map(traceIdOf))], TRACES_PER_LINE))
    logger.info(message, { traces: ids.join(' ') });
};

/** The only `traceparent` among these, however often it occurs; undefined if there are several or none. */
export const onlyTrace = (traceparents: readonly string[]): string | undefined => {
  const [first, ...others] = new Set(traceparents);
  return others.length === 0 ? first : undefined;
};
