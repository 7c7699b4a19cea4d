/** What happened once, with the time of the event that made it happen: the end of a base window in ms. */
export type MilestoneView =
  | { kind: 'brand-line'; brand: string; atMs: number }
  | { kind: 'passed-last-year'; atMs: number };
