/** How many invocations an account runs at a time. What is invoked beyond that is throttled. */
export class Account {
  /** Invocations that were throttled so far. */
  throttled = 0;
  readonly #most: () => number;
  #running = 0;

  /** `most` says how many may run now; others in the account may take some of them. */
  constructor(most: () => number = () => Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** Takes a place, which is given back by {@link leave}; false, and one more throttled, if none is free. */
  enter(): boolean {
    if (this.#running >= this.#most()) {
      this.throttled++;
      return false;
    }
    this.#running++;
    return true;
  }

  leave(): void {
    this.#running--;
  }
}
