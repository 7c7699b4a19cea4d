import type { Invariant, MadeOf } from '../invariant.ts';
import type { Item } from '../observation.ts';

/** What the earlier row was made of but the later one is not, in words; undefined if there is nothing like that. */
const lackOf = (before: MadeOf, after: MadeOf): string | undefined => {
  if ('blocks' in before) {
    const lost = 'blocks' in after ? [...before.blocks].filter((block) => !after.blocks.has(block)) : [];
    return lost.length === 0 ? undefined : `${lost.length} of ${before.blocks.size} blocks`;
  }
  const counts = 'counts' in after ? after.counts : [];
  const lost = before.counts.findIndex((count, i) => (counts[i] ?? 0) < count);
  return lost === -1
    ? undefined
    : `blocks of its child ${lost}: ${before.counts[lost]} to ${counts[lost] ?? 0}`;
};

/** A row never loses anything: whatever it is made of, the row that replaces it is made of too. */
export const rows: Invariant = {
  name: 'rows',
  begin: ({ madeOfRow }, report) => {
    const last = new Map<string, MadeOf>();
    return {
      onCall: ({ operation, input, worker, atMs }) => {
        if (operation !== 'PutItem') return;
        const { Item: item } = input as { Item: Item };
        if (item.item?.S !== 'ROW' || item.made?.B === undefined) return;
        const key = item.window!.S!;
        const made = madeOfRow(item.made.B);
        const before = last.get(key);
        const lack = before && lackOf(before, made);
        if (lack !== undefined) report(atMs, `${key}: ${worker} wrote a row without ${lack}`);
        last.set(key, made);
      },
    };
  },
};
