import type { Invariant } from '../invariant.ts';

/** Every campaign that was sent opens, with the end that one of its sent definitions gives, and its stored definition stays. */
export const definitionsStand: Invariant = {
  name: 'definitions',
  begin: ({ ledger, campaigns }, report) => {
    const bodies = new Map<string, string>();
    return {
      onStep: ({ changes, atMs }) => {
        for (const { table, key, after } of changes) {
          if (table !== 'campaigns' || !key.endsWith('\nDEFINITION')) continue;
          const body = after?.body?.S ?? '';
          const before = bodies.get(key);
          if (before !== undefined && before !== body)
            report(atMs, `${key.split('\n')[0]}: its definition changed`);
          bodies.set(key, body);
        }
      },
      atEnd: ({ atMs }) => {
        for (const [campaignId, sent] of ledger.definitions) {
          const campaign = campaigns.get(campaignId);
          const ends = sent.map(({ definition }) => Date.parse(definition.endsAt));
          if (campaign?.listedMs === undefined) report(atMs, `${campaignId}: sent, and not open`);
          else if (!ends.includes(campaign.plannedMs))
            report(atMs, `${campaignId}: open with an end that nobody sent`);
        }
      },
    };
  },
};
