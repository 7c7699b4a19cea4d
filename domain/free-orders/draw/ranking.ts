import type { Ticket } from './ticket.ts';

/**
 * Returns entries from the smallest ticket up, and those with equal tickets in the order of their names. It is a binary heap,
 * built bottom up (Floyd, "Algorithm 245: Treesort 3", CACM 1964): to build it from n entries costs O(n), and to take an entry
 * O(log n), so drawing a few winners out of many entries never sorts the losers.
 */
export class Ranking {
  readonly #tickets: BigUint64Array;
  readonly #names: readonly string[];
  readonly #heap: Uint32Array;
  #size: number;

  /** `tickets[i]` belongs to `names[i]`. */
  constructor(tickets: BigUint64Array, names: readonly string[]) {
    this.#tickets = tickets;
    this.#names = names;
    this.#size = tickets.length;
    this.#heap = Uint32Array.from(tickets, (_, index) => index);
    for (let at = (this.#size >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  #precedes(a: number, b: number): boolean {
    const ticketA: Ticket = this.#tickets[a]!;
    const ticketB: Ticket = this.#tickets[b]!;
    return ticketA === ticketB ? this.#names[a]! < this.#names[b]! : ticketA < ticketB;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const index = heap[from]!;
    let at = from;
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && this.#precedes(heap[child + 1]!, heap[child]!)) child += 1;
      if (!this.#precedes(heap[child]!, index)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = index;
  }

  /** The index of the next entry; undefined when all were taken. */
  next(): number | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#heap[0];
    this.#size -= 1;
    if (this.#size > 0) {
      this.#heap[0] = this.#heap[this.#size]!;
      this.#sink(0);
    }
    return first;
  }

  /** The indexes that were not taken, in no particular order. */
  rest(): Uint32Array {
    return this.#heap.subarray(0, this.#size);
  }
}
