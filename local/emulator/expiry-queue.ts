import type { Table } from './table.ts';
import type { Key } from './table-keys.ts';
import type { Item } from './values.ts';

/** An item that is due to be deleted, if it still is what it was. */
export type Expiry = {
  readonly dueMs: number;
  readonly table: Table;
  readonly key: Key;
  readonly item: Item;
};

/** Items by when they are due to be deleted: a binary heap. */
export class ExpiryQueue {
  readonly #heap: Expiry[] = [];

  get nextMs(): number {
    return this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  push(expiry: Expiry): void {
    const heap = this.#heap;
    let place = heap.push(expiry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent]!.dueMs <= expiry.dueMs) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = expiry;
  }

  /** Takes the next item that is due. */
  pop(nowMs: number): Expiry | undefined {
    const heap = this.#heap;
    if (this.nextMs > nowMs) return undefined;
    const [first] = heap;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(expiry: Expiry): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.dueMs < heap[child]!.dueMs) child++;
      if (heap[child]!.dueMs >= expiry.dueMs) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = expiry;
  }
}
