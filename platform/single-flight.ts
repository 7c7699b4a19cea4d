/** Reads that are under way, by a name. Whoever asks for one meanwhile gets its answer, instead of making the same call again. */
export class SingleFlight<Value> {
  readonly #underWay = new Map<string, Promise<Value>>();

  /** The answer of the read of this name that is under way, or of a new one. Once a read has ended, nothing of it is kept. */
  of(name: string, read: () => Promise<Value>): Promise<Value> {
    const known = this.#underWay.get(name);
    if (known !== undefined) return known;
    const answer = read().finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, answer);
    return answer;
  }
}
