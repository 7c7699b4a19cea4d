import {
  byOrderId,
  byPrecedence,
  type EntryFormat,
  entryName,
  type JudgedEntry,
} from '#domain/free-orders/rules/entry.ts';

/** What a slot holds when it is closed: one judgement for each entry, sorted. A pure function of the set of judgements. */
export const closedSet = <Judged extends JudgedEntry>(
  judgements: Iterable<Judged>,
  format: EntryFormat,
): Judged[] => {
  const standing = new Map<string, Judged>();
  for (const judged of judgements) {
    const name = entryName(judged.entry, format);
    const known = standing.get(name);
    if (known === undefined || byPrecedence(judged, known) < 0) standing.set(name, judged);
  }
  return [...standing.values()].sort((a, b) => byOrderId(a.entry, b.entry));
};
