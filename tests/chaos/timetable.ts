/** Lets things happen at set times of a clock, in the order of these times. */
export class Timetable {
  readonly #now: () => number;
  readonly #due: { readonly atMs: number; readonly happen: () => void }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  get nowMs(): number {
    return this.#now();
  }

  /** How many things are still to happen. */
  get waiting(): number {
    return this.#due.length;
  }

  at(atMs: number, happen: () => void): void {
    let place = this.#due.length;
    while (place > 0 && this.#due[place - 1]!.atMs > atMs) place--;
    this.#due.splice(place, 0, { atMs, happen });
  }

  /** Lets all things happen that are due by now. */
  play(): void {
    while (this.#due.length > 0 && this.#due[0]!.atMs <= this.#now()) this.#due.shift()!.happen();
  }
}
