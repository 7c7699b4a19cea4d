import { NONE } from '../choose.ts';

/** Changes considered for an exchange of four: 100 make 5,000 pairs. Twice as many would make four times as many pairs. */
const EXCHANGED_MOVES = 100;
/** A gain below this, in units of value, is rounding. */
const MIN_GAIN = 1e-9;

/** One member changing from the offer they have to another, or to none. */
export interface Move {
  readonly member: number;
  readonly to: number;
  /** Fen of the budget in question that the change uses, or frees if below 0. */
  readonly deltaFen: number;
  /** Value gained, or lost if below 0. */
  readonly gain: number;
  /** Profit lost at the dual price, >= 0 up to rounding: how far from optimal the move is. */
  readonly loss: number;
}

/** The changes with the least loss, two for each amount that they use: if many tie, the others add nothing. */
const distinct = (moves: readonly Move[]): Move[] => {
  const times = new Map<number, number>();
  const chosen: Move[] = [];
  for (const move of moves) {
    if (chosen.length === EXCHANGED_MOVES) break;
    const seen = times.get(move.deltaFen) ?? 0;
    if (seen === 2) continue;
    times.set(move.deltaFen, seen + 1);
    chosen.push(move);
  }
  return chosen;
};

/** The indices of integers below 10^10 in ascending order. A sort of plain numbers needs no comparison function. */
const ascending = (numbers: Float64Array): Uint32Array => {
  const size = numbers.length;
  const keys = numbers.map((number, n) => number * size + n).sort();
  return Uint32Array.from(keys, (key) => ((key % size) + size) % size);
};

/**
 * At most four changes, of different members, that together gain the most within what is left. It meets in the middle: each
 * pair of the most promising changes, sorted by what they use, is combined with the best pair that still fits.
 */
export const bestFour = (among: readonly Move[], leftFen: number): Move[] => {
  const moves = distinct(among.toSorted((a, b) => a.loss - b.loss));
  const none: Move = { member: -1, to: NONE, deltaFen: 0, gain: 0, loss: 0 };
  moves.push(none);
  const left: number[] = [];
  const right: number[] = [];
  for (let a = 0; a < moves.length; a++) {
    for (let b = a + 1; b < moves.length; b++) {
      if (moves[a]!.member === moves[b]!.member) continue;
      left.push(a);
      right.push(b);
    }
  }
  left.push(moves.length - 1);
  right.push(moves.length - 1);
  const size = left.length;
  const deltaFen = new Float64Array(size);
  const gain = new Float64Array(size);
  for (let n = 0; n < size; n++) {
    deltaFen[n] = moves[left[n]!]!.deltaFen + moves[right[n]!]!.deltaFen;
    gain[n] = moves[left[n]!]!.gain + moves[right[n]!]!.gain;
  }
  const order = ascending(deltaFen);
  const best = new Uint32Array(size);
  for (let n = 0; n < size; n++) {
    best[n] = n > 0 && gain[best[n - 1]!]! >= gain[order[n]!]! ? best[n - 1]! : order[n]!;
  }
  let most = MIN_GAIN;
  let chosen: Move[] = [];
  let last = size - 1;
  for (const pair of order) {
    while (last >= 0 && deltaFen[pair]! + deltaFen[order[last]!]! > leftFen) last--;
    if (last < 0) break;
    const other = best[last]!;
    if (gain[pair]! + gain[other]! <= most) continue;
    const four = [left[pair]!, right[pair]!, left[other]!, right[other]!]
      .map((n) => moves[n]!)
      .filter((m) => m !== none);
    if (new Set(four.map((move) => move.member)).size < four.length) continue;
    most = gain[pair]! + gain[other]!;
    chosen = four;
  }
  return chosen;
};

/**
 * The change, or the two changes of different members, that together gain most within what is left. It looks at every change
 * that can help, while an exchange of four looks only at the most promising ones.
 */
export const bestPair = (among: readonly Move[], leftFen: number): Move[] => {
  const moves = among.toSorted((a, b) => a.deltaFen - b.deltaFen);
  // The more the first move of a pair uses, the less is left for the second. So the two best moves up to each size are
  // kept, of different members, because a pair must not change one member twice.
  const best: Move[] = [];
  const next: (Move | undefined)[] = [];
  for (const move of moves) {
    const first = best.at(-1);
    const second = next.at(-1);
    if (!first || move.gain > first.gain) {
      best.push(move);
      next.push(first && first.member !== move.member ? first : second);
    } else {
      best.push(first);
      next.push(move.member !== first.member && (!second || move.gain > second.gain) ? move : second);
    }
  }
  let most = MIN_GAIN;
  let chosen: Move[] = [];
  let last = moves.length - 1;
  for (const move of moves) {
    while (last >= 0 && move.deltaFen + moves[last]!.deltaFen > leftFen) last--;
    if (move.deltaFen <= leftFen && move.gain > most) {
      most = move.gain;
      chosen = [move];
    }
    if (last < 0) continue;
    const other = best[last]!.member === move.member ? next[last] : best[last];
    if (other && move.gain + other.gain > most) {
      most = move.gain + other.gain;
      chosen = [move, other];
    }
  }
  return chosen;
};
