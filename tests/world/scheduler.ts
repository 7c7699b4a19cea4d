/** An action scheduled at a virtual time. */
type Entry = { readonly atMs: number; readonly order: number; readonly happen: () => void };

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** How many steps are taken in one turn of Node's event loop, which costs more than a step. */
const STEPS_A_TURN = 64;

/**
 * Virtual time: scheduled actions run in the order of their times, one after the other, each one together with all code that
 * waits for the promises it settles. So a run is a function of what was scheduled, and repeats exactly.
 */
export class Scheduler {
  #nowMs: number;
  #scheduled = 0;
  /** A binary heap, the earliest entry first. */
  readonly #heap: Entry[] = [];

  /** `startMs` in ms since the epoch. */
  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Lets something happen at a time, rounded up to a whole millisecond, or now if that time has passed. */
  at(atMs: number, happen: () => void): void {
    this.#push({ atMs: Math.max(Math.ceil(atMs), this.#nowMs), order: this.#scheduled++, happen });
  }

  after(ms: number, happen: () => void): void {
    this.at(this.#nowMs + ms, happen);
  }

  /** Resolves after this many virtual milliseconds. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets everything happen until nothing is left, or until `isOver`, which is asked before each step. */
  run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let waiting = 0;
      let isBroken = false;
      const step = (): void => {
        waiting--;
        if (isBroken || this.#heap.length === 0 || isOver()) {
          if (waiting === 0) resolve();
          return;
        }
        const next = this.#pop();
        this.#nowMs = next.atMs;
        try {
          next.happen();
        } catch (error) {
          isBroken = true;
          reject(error);
        }
        if (waiting === 0 && !isBroken) begin();
      };
      // Code that waits for a promise settled in a step runs before the next step, because Node runs it between two immediates.
      const begin = (): void => {
        for (; waiting < STEPS_A_TURN; waiting++) setImmediate(step);
      };
      begin();
    });
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
