/** Something that a worker keeps between invocations; `create` makes it at the first use. */
export type Compartment<Value> = { readonly create: () => Value };

export const compartment = <Value>(create: () => Value): Compartment<Value> => ({ create });

/**
 * What one worker keeps between invocations. Two workers in one process share nothing, as two execution environments of
 * Lambda share nothing.
 */
export class Memory {
  readonly #values = new Map<Compartment<unknown>, unknown>();

  /** The value of a compartment, which is made at its first use. */
  of<Value>(of: Compartment<Value>): Value {
    if (!this.#values.has(of)) this.#values.set(of, of.create());
    return this.#values.get(of) as Value;
  }
}
