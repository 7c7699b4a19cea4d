import { bySeeds, byTest, byWorkload, type Defect, defect, type PlainWeather } from './defect.ts';

/** About every fifth call takes 2 to 20 s, so that other workers make calls between two calls of one worker. */
const SLOW_CALLS: PlainWeather = { rates: { slow: 0.2, sluggish: 1 }, attempts: 1 };

/** Defects in the draws of free orders. */
export const DRAWS: readonly Defect[] = [
  defect(
    'revoked-wins-do-not-count',
    [
      'domain/free-orders/draw/member-wins.ts',
      "({ kind }: StoredGrant): boolean => kind === 'free-order'",
      "({ kind, state }: StoredGrant): boolean => kind === 'free-order' && state === 'live'",
    ],
    "a member's limits count live wins only",
    bySeeds(100, 'limits', 'drained', 'outbox'),
  ),
  defect(
    'one-win-too-many-a-day',
    ['domain/free-orders/draw/claim-wins.ts', 'onDay >= perMemberPerDay', 'onDay > perMemberPerDay'],
    'a member wins once more on a day than the campaign allows',
    bySeeds(100, 'limits'),
  ),
  defect(
    'erased-id-in-a-draw',
    [
      'domain/erasure/entries.ts',
      'if (cleared === undefined) continue;',
      'if (cleared !== undefined) continue;',
    ],
    "an erased member's id stays in the blocks of a draw",
    bySeeds(30, 'erased-ids'),
  ),
  defect(
    'won-twice',
    [
      'domain/free-orders/draw/claim-wins.ts',
      'const known = wonBy.get(nameOfOrder(state, order));',
      "const known = wonBy.get('');",
    ],
    'an order that has won claims another win',
    bySeeds(50, 'unique-ids'),
  ),
  defect(
    'refunded-may-win',
    ['domain/free-orders/draw/claim-wins.ts', "awardFen === 0 ? 'refunded' : isCounted", 'isCounted'],
    'an order that was refunded in full claims a win of nothing',
    bySeeds(50, 'winners', 'revocations'),
  ),
  defect(
    'given-back-ignored-instant',
    ['domain/free-orders/entries/judgements.ts', 'notes.get(name) ?? 0;', '(notes.get(name) ?? 0) * 0;'],
    'an instant draw pays an order what was refunded before',
    bySeeds(50, 'given-back'),
  ),
  defect(
    'judged-by-todays-refunds',
    [
      'domain/free-orders/entries/judgements.ts',
      '{ givenBackFen: givenBackOf(name), ...judgement }',
      '{ ...judgement, givenBackFen: givenBackOf(name) }',
    ],
    'of two workers that judge an order, one may find that it wins, and the other that it was refunded',
    byTest(
      'tests/free-orders/refund-between.unit.test.ts',
      'a refund must come between two judgements of one winning order, which none of the first 1,000 seeds shows',
    ),
  ),
  defect(
    'given-back-ignored-slot',
    [
      'domain/free-orders/draw/sort-slot.ts',
      'givenBack.get(participationOf(draw.rules, record.entry)) ?? 0',
      '(givenBack.get(participationOf(draw.rules, record.entry)) ?? 0) * 0',
    ],
    'a slot draws orders that were refunded before',
    bySeeds(50, 'given-back'),
  ),
  {
    name: 'win-read-before-note-instant',
    file: 'domain/free-orders/draw/instant.ts',
    edits: [
      {
        search: `  await noteRefunds(runtime, campaignId, concerned);
  const names = new Set(concerned.map(({ participation }) => participation));
  const notes = await readNotes(runtime, campaignId, [...names]);
`,
        replacement: '  const names = new Set(concerned.map(({ participation }) => participation));\n',
      },
      {
        search: '  return settleRefunds(runtime, rules, wins, notes);\n};\n',
        replacement: `  await noteRefunds(runtime, campaignId, concerned);
  return settleRefunds(runtime, rules, wins, await readNotes(runtime, campaignId, [...names]));
};
`,
      },
    ],
    breaks:
      'a refund is noted only after its worker has looked for a win, so that a win granted in between misses it',
    caughtBy: byWorkload('refund-races', SLOW_CALLS, 'revocations'),
  },
  {
    name: 'win-read-before-note-slot',
    file: 'domain/free-orders/draw/slot-refunds.ts',
    edits: [
      { search: '  await putRefunds(runtime, campaignId, noted);\n', replacement: '' },
      {
        search: '  const givenBack = await',
        replacement: '  await putRefunds(runtime, campaignId, noted);\n  const givenBack = await',
      },
    ],
    breaks: 'a refund in slot mode looks for the win before it is noted',
    caughtBy: byTest(
      'tests/free-orders/given-back.unit.test.ts',
      'a slot has few winners, and the draw looks at the notes again right after it has granted the wins',
    ),
  },
  defect(
    'some-blocks-sealed',
    [
      'domain/free-orders/entries/kept-orders.ts',
      'blocks.every((block) => block.slot !== slot ||',
      'blocks.some((block) => block.slot !== slot ||',
    ],
    'an order counts as in time because another one of its batch was',
    byTest(
      'tests/free-orders/kept-orders.unit.test.ts',
      'a batch has two blocks of one slot only above 390 KB',
    ),
  ),
  defect(
    'beacon-delay-ignored',
    [
      'domain/free-orders/draw/facts.ts',
      'publishedAtMs + delaySeconds * SECOND_MS',
      'publishedAtMs + delaySeconds * 0 * SECOND_MS',
    ],
    'a slot is drawn by a round of the beacon that comes before the delay is over',
    byWorkload('money-22', [], 'draw-statement'),
  ),
  defect(
    'smallest-award-unaffordable',
    [
      'domain/free-orders/draw/settlement.ts',
      'this.#remaining.budgetFen < this.#rules.smallestAwardFen',
      'this.#remaining.budgetFen <= this.#rules.smallestAwardFen',
    ],
    'the last money of a draw is not given though it is enough',
    byWorkload('last-award', [], 'winners'),
  ),
  defect(
    'coupon-before-its-campaign',
    ['domain/intake/route-order.ts', ' && settings.startsAtMs <= Date.parse(time)', ''],
    'an order uses a coupon before its campaign begins',
    bySeeds(20, 'coupon-uses'),
  ),
];
