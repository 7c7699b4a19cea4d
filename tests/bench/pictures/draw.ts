/** Tickets: their distribution, and how they change when an order is added to a closed slot. */
import { slotSeed } from '#domain/free-orders/draw/commitment.ts';
import { merkleRoot } from '#domain/free-orders/draw/merkle.ts';
import { TicketDrawer, winningBelow } from '#domain/free-orders/draw/ticket.ts';
import { type DrawEntry, ENTRY_FORMAT, entryText } from '#domain/free-orders/rules/entry.ts';
import { RECORDED_ROUNDS } from '#local/aws/recorded-beacon.ts';
import { entriesUpTo, SEED } from '../../free-orders/factory.ts';
import { COLORS, counted, type Drawn, Plot, type Point, pictureOf, steps } from './plot.ts';

const ORDERS = 50_000;
const BINS = 50;
const ODDS = { win: 1, in: 100 };
const SLOT_ENTRIES = 400;
const PRIZES = 20;
const TICKETS = 2 ** 64;
const Z = 1.96;
const BAR_OPACITY = 0.6;
const BAND_OPACITY = 0.35;

const shareOf = (ticket: bigint): number => Number(ticket) / TICKETS;

/** The Merkle root of a slot with these entries, and their tickets as shares of the whole range. */
const ticketsOf = (entries: readonly DrawEntry[]): { root: string; tickets: number[] } => {
  const root = merkleRoot(entries.map((entry) => entryText(entry, ENTRY_FORMAT)));
  const { randomness } = RECORDED_ROUNDS[0]!;
  const drawer = new TicketDrawer(slotSeed(SEED, { index: 0, root, randomness }));
  return { root, tickets: entries.map((entry) => shareOf(drawer.draw(entry))) };
};

/** The indexes of the smallest tickets, which win. */
const winnersOf = (tickets: readonly number[]): Set<number> =>
  new Set(
    tickets
      .map((ticket, at) => ({ ticket, at }))
      .sort((a, b) => a.ticket - b.ticket)
      .slice(0, PRIZES)
      .map(({ at }) => at),
  );

const drawSpread = (figures: string[]): Plot => {
  const drawer = new TicketDrawer(SEED);
  const below = winningBelow(ODDS);
  const counts = new Array<number>(BINS).fill(0);
  let wins = 0;
  for (const entry of entriesUpTo(ORDERS)) {
    const ticket = drawer.draw(entry);
    counts[Math.floor(shareOf(ticket) * BINS)]!++;
    if (ticket < below) wins++;
  }
  const mean = ORDERS / BINS;
  const spread = Z * Math.sqrt(mean * (1 - 1 / BINS));
  const outside = counts.filter((count) => Math.abs(count - mean) > spread).length;
  const expected = (ORDERS * ODDS.win) / ODDS.in;
  figures.push(
    `${counted(ORDERS)} tickets in ${BINS} bins: ${outside} of the bins outside the band that holds 95 %`,
    `at odds of ${ODDS.win} in ${ODDS.in}: ${wins} wins, ${expected} ± ${Math.round(Z * Math.sqrt(expected * (1 - ODDS.win / ODDS.in)))} expected`,
  );
  const plot = new Plot(
    {
      title: 'Tickets spread evenly',
      note: `${counted(ORDERS)} orders; the band holds 95 % of the bins of fair tickets`,
      x: {
        name: 'ticket, as a share of 2⁶⁴',
        low: 0,
        high: 1,
        marks: steps(0, 1, 0.25).map((at) => [at, String(at)]),
      },
      y: { name: 'orders', low: 0, high: 1_250, marks: steps(0, 1_250, 250).map((at) => [at, counted(at)]) },
    },
    'left',
  );
  for (const [bin, count] of counts.entries()) {
    const [from, to] = [(bin + 0.12) / BINS, (bin + 0.88) / BINS];
    plot.band(
      [
        [from, 0, count],
        [to, 0, count],
      ],
      COLORS.blue,
      BAR_OPACITY,
    );
  }
  return plot.band(
    [
      [0, mean - spread, mean + spread],
      [1, mean - spread, mean + spread],
    ],
    COLORS.orange,
    BAND_OPACITY,
  );
};

export const drawTickets = (): Drawn => {
  const figures: string[] = [];
  const spread = drawSpread(figures);
  const entries = entriesUpTo(SLOT_ENTRIES);
  const without = ticketsOf(entries);
  const [added] = entriesUpTo(SLOT_ENTRIES + 1).slice(-1);
  const withOne = ticketsOf([...entries, added!]);
  const after = withOne.tickets.slice(0, SLOT_ENTRIES);
  const before = winnersOf(without.tickets);
  const still = [...winnersOf(withOne.tickets)].filter((at) => before.has(at)).length;
  figures.push(
    `a slot of ${SLOT_ENTRIES} entries, ${PRIZES} prizes: root ${without.root.slice(0, 8)}…; with one entry more ${withOne.root.slice(0, 8)}…`,
    `  of the ${PRIZES} winners ${still} would still win, ${((PRIZES * PRIZES) / (SLOT_ENTRIES + 1)).toFixed(1)} expected of unrelated tickets`,
  );
  const least = Math.max(...[...before].map((at) => without.tickets[at]!));
  const share: (at: number) => readonly [number, string] = (at) => [at, String(at)];
  const scattered = new Plot(
    {
      title: 'One order more: every ticket changes',
      note: `${SLOT_ENTRIES} entries of a slot; the ${PRIZES} that won are large`,
      x: {
        name: 'ticket of the slot as it was closed',
        low: 0,
        high: 1,
        marks: steps(0, 1, 0.25).map(share),
      },
      y: { name: 'ticket if one entry had been added', low: 0, high: 1, marks: steps(0, 1, 0.25).map(share) },
    },
    'right',
  )
    .line(
      [
        [least, 0],
        [least, 1],
      ],
      { color: COLORS.orange, width: 1.2, dash: '4 3' },
    )
    .dots(
      without.tickets.map((ticket, at): Point => [ticket, after[at]!]),
      COLORS.blue,
      2,
    )
    .dots(
      [...before].map((at): Point => [without.tickets[at]!, after[at]!]),
      COLORS.orange,
      4,
    );
  return { svg: pictureOf('The tickets of a draw', [spread, scattered]), figures };
};
