import type { Fault } from './faults.ts';
import type { Stage, Workload } from './workload/workload.ts';

/** What is left of a run: the faults that can strike, and the events that are sent, by their keys. */
export type Cut = { readonly faults: readonly Fault[]; readonly events: readonly string[] };

/** Names an event of a message's body. The name is the same however often the event is sent. */
export const keyOf = (event: unknown): string => {
  const { id, source } = (typeof event === 'object' && event !== null ? event : {}) as Record<
    string,
    unknown
  >;
  return typeof id === 'string' ? `${source} ${id}` : JSON.stringify(event);
};

const eventsOf = (body: unknown): readonly unknown[] =>
  Array.isArray(body) && body.length > 0 ? body : [body];

/** A workload in which `sent` replaces the body of each message. A message for which it returns undefined is not sent. */
const through = (workload: Workload, sent: (body: unknown) => unknown): Workload => ({
  ...workload,
  start: (stage) => {
    const filtered: Stage = {
      scheduler: stage.scheduler,
      onGrant: (listen) => stage.onGrant(listen),
      redrive: (functionName, atMs) => stage.redrive(functionName, atMs),
      send: (body, atMs, attributes) => {
        const rest = sent(body);
        if (rest !== undefined) stage.send(rest, atMs, attributes);
      },
    };
    workload.start(filtered);
  },
});

/** A workload that notes the keys of all events that it sends. */
export const noting = (workload: Workload, keys: Set<string>): Workload =>
  through(workload, (body) => {
    for (const event of eventsOf(body)) keys.add(keyOf(event));
    return body;
  });

/** A workload that sends only these events. */
export const keeping = (workload: Workload, keys: ReadonlySet<string>): Workload =>
  through(workload, (body) => {
    const kept = eventsOf(body).filter((event) => keys.has(keyOf(event)));
    if (kept.length === 0) return undefined;
    return kept.length === eventsOf(body).length ? body : kept;
  });

/**
 * Divides a list into ever smaller parts, and each time tries to leave out one part after the other. A part stays out if the
 * rest still fails.
 */
const withoutParts = async <Element>(
  whole: readonly Element[],
  fails: (rest: readonly Element[]) => Promise<boolean>,
): Promise<readonly Element[]> => {
  let left = whole;
  for (let size = Math.ceil(left.length / 2); size > 0 && left.length > 0; size = Math.floor(size / 2)) {
    for (let from = 0; from < left.length; ) {
      const rest = [...left.slice(0, from), ...left.slice(from + size)];
      if (await fails(rest)) left = rest;
      else from += size;
    }
  }
  return left;
};

/**
 * The smallest part of a run that still fails, as far as it can be found by leaving out parts: first of the faults, then of the
 * events. After `runsMax` runs, the smallest part found by then is returned. (This is the delta debugging of A. Zeller,
 * 1999, except that it tries only complements, never a part alone.)
 */
export const shrunk = async (
  whole: Cut,
  fails: (cut: Cut) => Promise<boolean>,
  runsMax: number,
): Promise<Cut> => {
  let runs = 0;
  const tried = async (cut: Cut): Promise<boolean> => runs++ < runsMax && (await fails(cut));
  const faults = await withoutParts(whole.faults, (rest) => tried({ ...whole, faults: rest }));
  const events = await withoutParts(whole.events, (rest) => tried({ faults, events: rest }));
  return { faults, events };
};
