import { formatCount, formatTable } from '#local/console/format.ts';
import type { ChaosResult } from './chaos.ts';

/** A run as it is printed, and whether it passed. With fewer kills or faults than `least` it does not pass. */
export const printed = (
  result: ChaosResult,
  seconds: number,
  least: { readonly kills: number; readonly faults: number },
): { readonly lines: readonly string[]; readonly isGood: boolean } => {
  const { faults, kills, suspensions, databaseKills, restarts, calls, events, violations, deadLetters } =
    result;
  const lacks = [
    ...(kills < least.kills ? [`kills: expected ${least.kills} or more, got ${kills}`] : []),
    ...(faults.total < least.faults ? [`faults: expected ${least.faults} or more, got ${faults.total}`] : []),
  ];
  const lines = [
    `${formatCount(events)} distinct events, ${formatCount(calls)} calls of the functions, ${seconds.toFixed(0)} s`,
    ...formatTable([
      ['handler processes killed (SIGKILL)', formatCount(kills)],
      ['handler processes stopped beyond their messages’ visibility (SIGSTOP)', formatCount(suspensions)],
      ['databases killed and started again', formatCount(databaseKills)],
      ['emulators restarted with --data', formatCount(restarts)],
      ...Object.entries(faults.struck).map(([fault, count]) => [`fault: ${fault}`, formatCount(count)]),
      ['faults in all', formatCount(faults.total)],
      ['messages in dead-letter queues', formatCount(deadLetters)],
    ]),
    ...violations.map(
      ({ invariant, atMs, details }) => `${new Date(atMs).toISOString()} ${invariant}: ${details}`,
    ),
    ...lacks,
    violations.length === 0 ? 'no violation' : `${violations.length} violations`,
  ];
  return { lines, isGood: violations.length === 0 && lacks.length === 0 };
};
