/** Tells the listeners of a queue that something was sent to the queue. */
export class Bell {
  readonly #listeners = new Map<string, (() => void)[]>();

  ring(queueUrl: string): void {
    for (const listen of this.#listeners.get(queueUrl) ?? []) listen();
  }

  listen(queueUrl: string, listener: () => void): void {
    const listeners = this.#listeners.get(queueUrl);
    if (listeners === undefined) this.#listeners.set(queueUrl, [listener]);
    else listeners.push(listener);
  }
}
