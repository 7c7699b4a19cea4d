import type { Invariant } from '../invariant.ts';
import { allGrants } from '../seen-grants.ts';
import { talliesOf } from './metrics.ts';

/** The metrics count exactly the free orders that were won and those that were revoked, with their money. */
export const winMetrics: Invariant = {
  name: 'win-metrics',
  begin: ({ observer, campaigns }, report) => ({
    atEnd: ({ atMs, figures }) => {
      for (const [campaignId, one] of figures) {
        if (campaigns.get(campaignId)?.definition.freeOrders === undefined) continue;
        const wins = allGrants(observer).filter(
          (grant) => grant.kind === 'free-order' && grant.campaignId === campaignId,
        );
        const revoked = wins.filter(({ state }) => state === 'revoked');
        for (const [label, grants] of [
          ['free-order/won', wins],
          ['free-revoked', revoked],
        ] as const) {
          const { count, fen } = talliesOf(one, label);
          const grantedFen = grants.reduce((sum, { faceFen }) => sum + faceFen, 0);
          if (count !== grants.length || fen !== grantedFen)
            report(
              atMs,
              `${campaignId}: the metrics say that ${count} orders of ${fen} fen are ${label}, the grants ${grants.length} of ${grantedFen}`,
            );
        }
      }
    },
  }),
};
