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
      this.#waiting.set(queueUrl, [...(this.#waiting.get(queueUrl) ?? []), resolve]);
    });
  }
}
