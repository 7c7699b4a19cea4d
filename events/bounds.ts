/** How much one body and one event may hold, so that no message takes long to process or becomes a flood of rejects. */

/** Events in one body, counted after wrappers are removed. */
export const MAX_BODY_EVENTS = 1_000;
/** In bytes of UTF-8: the limit of SQS. A larger body can only come from another kind of queue, or from a file. */
export const MAX_BODY_BYTES = 1_048_576;
/** The deepest nesting of a body of more than 65,536 characters: far deeper than an event in a batch in two wrappers. */
export const MAX_BODY_DEPTH = 64;
/** Fields of one object, in a body of more than 65,536 characters. No event and no model has as many in one object. */
export const MAX_OBJECT_FIELDS = 1_000;
/** Openings of campaigns in one body: each takes as long to check as a hundred orders. */
export const MAX_BODY_OPENINGS = 50;
/** The deepest nesting of objects and arrays, counted from the event; in a model that an opening contains, from the model. */
export const MAX_EVENT_DEPTH = 16;
/** Fields and elements of an event, on all levels together. */
export const MAX_EVENT_VALUES = 100;
/** The same for a campaign's opening without its model. It may list thousands of stores, brands and members. */
export const MAX_OPENING_VALUES = 20_000;
/** The same for the model that an opening may contain: more than a body can hold. */
export const MAX_MODEL_VALUES = MAX_BODY_BYTES / 2;

export type BrokenBound = { field: string; expected: string };

/** Which bound a value breaks; undefined if it breaks none. Goes no deeper into the value once a bound is broken. */
export const brokenBound = (
  value: object,
  maxValues: number,
  maxDepth = MAX_EVENT_DEPTH,
): BrokenBound | undefined => {
  let values = 0;
  const isTooDeep = (inner: object, depth: number): boolean => {
    if (depth > maxDepth) return true;
    const members: unknown[] = Array.isArray(inner) ? inner : Object.values(inner);
    values += members.length;
    if (values > maxValues) return false;
    for (const member of members) {
      if (typeof member === 'object' && member !== null && isTooDeep(member, depth + 1)) return true;
    }
    return false;
  };
  if (isTooDeep(value, 1)) return { field: 'event', expected: `at most ${maxDepth} levels of nesting` };
  return values > maxValues
    ? { field: 'event', expected: `at most ${maxValues} fields and elements` }
    : undefined;
};
