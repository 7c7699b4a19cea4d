/** Names something that a worker remembers between invocations, and makes it when it is first asked for. */
export type Compartment<Value> = { readonly create: () => Value };

export const compartment = <Value>(create: () => Value): Compartment<Value> => ({ create });

/**
 * What one worker remembers between invocations. It lives and dies with the worker, so that two workers in one process know
 * nothing of each other, as two of Lambda's execution environments do.
 */
export class Memory {
  readonly #values = new Map<Compartment<unknown>, unknown>();

  of<Value>(of: Compartment<Value>): Value {
    if (!this.#values.has(of)) this.#values.set(of, of.create());
    return this.#values.get(of) as Value;
  }
}
