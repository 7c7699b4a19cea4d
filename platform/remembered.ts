/**
 * Keeps the results of a pure function, each under a text that stands for its arguments, so that none is computed again while it
 * is kept. The oldest results are forgotten when the texts take more than `charsMax` characters. Nobody may change a result.
 */
export class Remembered<Value extends object | string | number | boolean> {
  readonly #results = new Map<string, Value>();
  readonly #charsMax: number;
  #chars = 0;

  constructor(charsMax: number) {
    this.#charsMax = charsMax;
  }

  /** The result for a text, which must say everything that `compute` depends on. */
  of(text: string, compute: () => Value): Value {
    const known = this.#results.get(text);
    if (known !== undefined) return known;
    const result = compute();
    this.#results.set(text, result);
    this.#chars += text.length;
    for (const oldest of this.#results.keys()) {
      if (this.#chars <= this.#charsMax) break;
      this.#results.delete(oldest);
      this.#chars -= oldest.length;
    }
    return result;
  }
}
