import { bySeeds, byTest, type Defect, defect } from './defect.ts';

/** Defects in the draws of free orders. */
export const DRAWS: readonly Defect[] = [
  defect(
    'revoked-wins-do-not-count',
    [
      'domain/free-orders/draw/claim-wins.ts',
      "grants.filter(({ kind }) => kind === 'free-order')",
      "grants.filter(({ kind, state }) => kind === 'free-order' && state === 'live')",
    ],
    "a member's limits count live wins only",
    bySeeds(100, 'limits', 'drained', 'outbox'),
  ),
  defect(
    'won-twice',
    [
      'domain/free-orders/draw/claim-wins.ts',
      'const known = wonBy.get(order.orderId);',
      "const known = wonBy.get('');",
    ],
    'an order that has won claims another win',
    byTest('tests/free-orders/given-back.unit.test.ts'),
  ),
  defect(
    'refunded-may-win',
    [
      'domain/free-orders/draw/claim-wins.ts',
      "awardFen === 0 ? 'refunded' : reachedLimit(rules, wins, order)",
      'reachedLimit(rules, wins, order)',
    ],
    'an order that was given back claims a win of nothing',
    byTest('tests/free-orders/given-back.unit.test.ts'),
  ),
  defect(
    'given-back-ignored-instant',
    [
      'domain/free-orders/draw/instant.ts',
      'const givenBackFen = notes.get(name) ?? 0;',
      'const givenBackFen = (notes.get(name) ?? 0) * 0;',
    ],
    'an instant draw gives an order what was given back before',
    byTest('tests/free-orders/given-back.unit.test.ts'),
  ),
  defect(
    'given-back-ignored-slot',
    [
      'domain/free-orders/draw/close-slot.ts',
      'givenBackFen: givenBack.get(name) ?? 0',
      'givenBackFen: (givenBack.get(name) ?? 0) * 0',
    ],
    'a slot draws orders that were given back before',
    byTest('tests/free-orders/given-back.unit.test.ts'),
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
    breaks: 'a refund looks for the win before it is noted, and the win for the refund before that',
    caughtBy: byTest('tests/free-orders/given-back.unit.test.ts'),
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
    caughtBy: byTest('tests/free-orders/given-back.unit.test.ts'),
  },
  defect(
    'some-blocks-sealed',
    [
      'domain/free-orders/entries/kept-orders.ts',
      'blocks.every((block) => block.slot !== slot ||',
      'blocks.some((block) => block.slot !== slot ||',
    ],
    'an order counts as in time because another one of its batch was',
    byTest('tests/free-orders/kept-orders.unit.test.ts'),
  ),
  defect(
    'beacon-delay-ignored',
    [
      'domain/free-orders/draw/facts.ts',
      'publishedAtMs + delaySeconds * SECOND_MS',
      'publishedAtMs + delaySeconds * 0 * SECOND_MS',
    ],
    'a slot is drawn by a round that comes before its delay',
    byTest('tests/free-orders/statement.unit.test.ts'),
  ),
  defect(
    'smallest-award-unaffordable',
    [
      'domain/free-orders/draw/settlement.ts',
      'this.#remaining.budgetFen < this.#rules.smallestAwardFen',
      'this.#remaining.budgetFen <= this.#rules.smallestAwardFen',
    ],
    'the last money of a draw is not given though it is enough',
    byTest('tests/free-orders/draw.unit.test.ts'),
  ),
  defect(
    'coupon-before-its-campaign',
    ['domain/intake/route-order.ts', ' && settings.startsAtMs <= Date.parse(time)', ''],
    'an order uses a coupon before its campaign begins',
    byTest('tests/intake/route.unit.test.ts'),
  ),
];
