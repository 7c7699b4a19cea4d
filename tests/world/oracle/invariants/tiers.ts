import type { Invariant } from '../invariant.ts';
import type { SentTier } from '../ledger.ts';

/** Of two tiers of the same time, the greater name counts, so that the order of arrival does not matter. */
const isAfter = (a: SentTier, b: SentTier): boolean =>
  a.timeMs > b.timeMs || (a.timeMs === b.timeMs && a.tier > b.tier);

/** In the end, each member has the latest tier that was sent, by the events' own times, in whatever order they came. */
export const tiers: Invariant = {
  name: 'tiers',
  begin: ({ ledger, observer, erasures }, report) => ({
    atEnd: ({ atMs }) => {
      for (const [member, sent] of ledger.tiers) {
        if (erasures.of(member) !== undefined) continue;
        const latest = sent.reduce((newest, one) => (isAfter(one, newest) ? one : newest));
        const stored = observer.items('members').get(member)?.body?.M?.tier?.S ?? '';
        if (stored !== latest.tier)
          report(atMs, `${member}: of tier ${stored || 'none'}, expected ${latest.tier || 'none'}`);
      }
    },
  }),
};
