/** Scripts about names that mean something to a language, a key or a path. Each name is a valid id of the contract. */
import { refunded, tierOf } from '../events.ts';
import { after, allFree, coupons, order, script, slots } from './script.ts';

/** Properties that every object has, separators of keys and labels, texts with a meaning elsewhere, and ids that look alike. */
const NAMES = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'null', 'NaN', '-0'],
  ...[
    'a#b',
    'a',
    'b',
    '#',
    'a/b',
    '..',
    'erased:a',
    'tombstone:a',
    '=1+1',
    "'; --",
    '\u202ea',
    'a\u200b',
    '💥',
  ],
];
/** Campaigns that are named like properties that every object has. */
const [FIRST, SECOND, DRAWN] = ['constructor', 'valueOf', 'toString'] as const;
const OFFER = {
  offerId: 'toString',
  pool: 'constructor',
  thresholdFen: 5_000,
  discountFen: 1_000,
  scope: 'all',
  validHours: 2,
};
const NAMED = {
  budgets: [
    { pool: 'constructor', totalFen: 500_000, presaleShare: 0 },
    { pool: 'valueOf', totalFen: 500_000, presaleShare: 0 },
  ],
  offers: [
    OFFER,
    {
      ...OFFER,
      offerId: 'constructor',
      pool: 'valueOf',
      scope: 'brands',
      brands: NAMES,
      tiers: NAMES.slice(0, 8),
    },
  ],
  baselineOffer: 'toString',
  arms: { engine: 50, baseline: 50, control: 0 },
};

/** Every id is a name that means something elsewhere, in campaigns with coupons, instant wins and drawn slots. */
const reservedNames = script('reserved-names', 4, ({ open, send, onCoupons }) => {
  open(
    coupons(FIRST, NAMED),
    { ...coupons(SECOND, NAMED), ...allFree(SECOND, { tiers: NAMES.slice(0, 8) }) },
    slots(DRAWN, { recordedRound: 1_000 }),
  );
  const used = new Set<string>();
  onCoupons((known, member) => {
    const coupon = known.at(-1)!;
    if (used.has(member)) return;
    used.add(member);
    send(1_200, order(1_200, { id: `use ${member}`, order: `use ${member}`, member, fen: 9_000, coupon }));
  });
  for (const [i, name] of NAMES.entries()) {
    const other = NAMES[(i + 1) % NAMES.length]!;
    const fields = { order: name, member: other, brand: name, store: other, fen: 6_000, source: `/${i}` };
    send(30 + i, tierOf(`tier of ${other}`, after(30 + i), other, NAMES[i % 8]));
    send(60 + i, order(60 + i, { ...fields, id: name }));
    send(300 + i, order(300 + i, { ...fields, id: `2 ${name}`, order: `${other}#${name}` }));
    if (i % 3 === 0) send(600 + i, refunded({ ...fields, id: `back ${name}`, timeMs: after(600 + i) }));
  }
});

export const NAMED_SCRIPTS = { 'reserved-names': reservedNames };
