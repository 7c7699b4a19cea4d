/** Something that a worker keeps between invocations; `create` makes it at the first use. */
export type Compartment<Value> = { readonly create: () => Value };

export const compartment = <Value>(create: () => Value): Compartment<Value> => ({ create });

/**
 * Values that are kept between invocations. Each worker has a memory of its own, as each execution environment of Lambda has.
 * Workers may share only the results of pure functions (`results` in `runtime.ts`).
 */
export class Memory {
  readonly #values = new Map<Compartment<unknown>, unknown>();

  /** The value of a compartment, which is made at its first use. */
  of<Value>(of: Compartment<Value>): Value {
    if (!this.#values.has(of)) this.#values.set(of, of.create());
    return this.#values.get(of) as Value;
  }
}
