/** An AWS account, which runs a limited number of invocations at a time and throttles all others. */
export class Account {
  /** Invocations that have been throttled so far. */
  throttled = 0;
  readonly #most: () => number;
  #running = 0;

  /** `most` says how many may run now. The number may change, because others use the same account. */
  constructor(most: () => number = () => Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** Takes a place until {@link leave}. If none is free, it returns false and counts a throttled invocation. */
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
