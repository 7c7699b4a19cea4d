import type { Candidates } from '../candidates.ts';

/** An audience that can be read more than once, each time in the same order. */
export interface Audience {
  /** The members in parts of any size; a part may be overwritten when the next one is asked for. */
  parts(): Iterable<Candidates>;
  /** The number of members, if it is known before reading them. */
  readonly members?: number;
}
