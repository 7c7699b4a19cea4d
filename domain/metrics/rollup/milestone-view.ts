/**
 * Something that happened once in a campaign: the net amount of a brand reached the campaign's line (`brandLineFen`), or the
 * campaign passed last year's total. `atMs` is the end of the base window in which it happened, in ms since the epoch.
 */
export type MilestoneView =
  | { kind: 'brand-line'; brand: string; atMs: number }
  | { kind: 'passed-last-year'; atMs: number };
