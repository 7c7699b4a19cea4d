/** Something that happened once, with its time: the end of a base window, in ms. */
export type MilestoneView =
  | { kind: 'brand-line'; brand: string; atMs: number }
  | { kind: 'passed-last-year'; atMs: number };
