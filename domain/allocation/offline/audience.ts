import type { Candidates } from '../candidates.ts';

/** An audience that can be gone through more than once, each time in the same order. */
export interface Audience {
  /** The members in parts of any size; a part may be overwritten when the next one is asked for. */
  parts(): Iterable<Candidates>;
  /** How many members there are, if that is known before going through them. */
  readonly members?: number;
}
