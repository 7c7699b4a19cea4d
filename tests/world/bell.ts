/** Wakes those who wait for a queue when something was sent to it. */
export class Bell {
  readonly #waiting = new Map<string, (() => void)[]>();

  ring(queueUrl: string): void {
    const waiting = this.#waiting.get(queueUrl) ?? [];
    this.#waiting.delete(queueUrl);
    for (const wake of waiting) wake();
  }

  wait(queueUrl: string): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(queueUrl);
      if (waiting === undefined) this.#waiting.set(queueUrl, [resolve]);
      else waiting.push(resolve);
    });
  }
}
