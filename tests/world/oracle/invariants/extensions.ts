import type { Invariant } from '../invariant.ts';

const EXTENDED_ITEM = '\nEXTENDED';

type Refused = { event?: { type?: string; data?: { campaignId?: string; endsAt?: string } } };

/**
 * A campaign's end only moves later. In the end it is the latest of all ends that were asked for, except those that were refused
 * because they came too late.
 */
export const extensions: Invariant = {
  name: 'extensions',
  begin: ({ ledger, campaigns }, report) => {
    const refused = new Set<string>();
    return {
      onStep: ({ changes, sent, atMs }) => {
        for (const { queue, body } of sent) {
          if (queue !== 'rejects') continue;
          const { event } = JSON.parse(body) as Refused;
          if (event?.type === 'campaign.extended')
            refused.add(`${event.data?.campaignId} ${Date.parse(event.data?.endsAt ?? '')}`);
        }
        for (const { table, key, before, after } of changes) {
          if (table !== 'campaigns' || !key.endsWith(EXTENDED_ITEM)) continue;
          if (Number(after?.endsAtMs?.N ?? 0) < Number(before?.endsAtMs?.N ?? 0))
            report(atMs, `${key.split('\n')[0]}: its end moved back`);
        }
      },
      atEnd: ({ atMs }) => {
        for (const [campaignId, asked] of ledger.extensions) {
          const campaign = campaigns.get(campaignId);
          if (campaign === undefined) continue;
          const ends = asked.map(({ endsMs }) => endsMs);
          if (![campaign.plannedMs, ...ends].includes(campaign.endsMs))
            report(atMs, `${campaignId}: ends at a time that nobody asked for`);
          for (const endsMs of ends)
            if (endsMs > campaign.endsMs && !refused.has(`${campaignId} ${endsMs}`))
              report(
                atMs,
                `${campaignId}: asked to end at ${endsMs}, ends at ${campaign.endsMs}, and not refused`,
              );
        }
      },
    };
  },
};
