import type { Tables } from '#local/emulator/tables.ts';
import { isInItem } from '../support/traces.ts';
import type { Erasures } from './oracle/erasures.ts';
import type { Violation } from './oracle/violation.ts';

/** The name under which an erased id that is still stored is reported as a violation. */
export const ERASED_IDS = 'erased-ids';

/** A violation for each item that still contains the id of an erased member, also in packed bytes, after the run's end. */
export const erasedIdViolations = (
  tables: Tables,
  tableNames: Readonly<Record<string, string>>,
  { erasures, atMs }: { erasures: Erasures; atMs: number },
): Violation[] => {
  const ids = [...erasures.all().keys()];
  if (ids.length === 0) return [];
  // No digit may follow: member-1 is not in member-10.
  const anyId = new RegExp(`(?:${ids.join('|')})(?!\\d)`);
  return Object.entries(tableNames).flatMap(([table, name]) =>
    [...tables.items(name)]
      .filter((item) => isInItem(item, anyId))
      .map((item) => {
        const [first, second] = Object.values(item).map(({ S }) => S);
        return {
          invariant: ERASED_IDS,
          atMs,
          details: `${table} ${first} ${second ?? ''}: has an erased id`,
        };
      }),
  );
};
