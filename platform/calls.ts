import { chunks } from './collections.ts';

const CALLS_AT_ONCE = 8;

/** Performs calls, eight at a time, and gives what came of them in their order. Begins no further ones once one has failed. */
export const performAll = async <Call, Result>(
  calls: readonly Call[],
  perform: (call: Call) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  for (const together of chunks(calls, CALLS_AT_ONCE)) {
    results.push(...(await Promise.all(together.map((call) => perform(call)))));
  }
  return results;
};
