/** A state that must never occur, and when it was seen, in virtual ms. */
export type Violation = { readonly invariant: string; readonly atMs: number; readonly details: string };
