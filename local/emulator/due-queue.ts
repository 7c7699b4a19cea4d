/** Elements with a due time, the earliest first: a binary heap. */
export class DueQueue<Element extends { readonly dueMs: number }> {
  readonly #heap: Element[] = [];

  get nextMs(): number {
    return this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  push(element: Element): void {
    const heap = this.#heap;
    let place = heap.push(element) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent]!.dueMs <= element.dueMs) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = element;
  }

  /** Takes the next element that is due. */
  pop(nowMs: number): Element | undefined {
    const heap = this.#heap;
    if (this.nextMs > nowMs) return undefined;
    const [first] = heap;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(element: Element): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.dueMs < heap[child]!.dueMs) child++;
      if (heap[child]!.dueMs >= element.dueMs) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = element;
  }
}
