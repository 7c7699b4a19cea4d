import type { Campaigns } from './campaigns.ts';
import type { Erasures } from './erasures.ts';
import type { Ledger } from './ledger.ts';
import type { Members } from './members.ts';
import type { Change, Observer, Sent, Step } from './observation.ts';
import type { GrantChange } from './seen-grants.ts';

/** A call that has happened, with what it touched. */
export type Seen = {
  readonly atMs: number;
  readonly step: Step;
  readonly changes: readonly Change[];
  /** Those of the changes that made a grant or changed one. */
  readonly grantChanges: readonly GrantChange[];
  readonly sent: readonly Sent[];
};

export type BrandFigures = { orders: number; grossFen: number; refunds: number; refundedFen: number };

/** A campaign's figures as the pipeline's own readers give them. */
export type Figures = {
  readonly campaignId: string;
  /** Undefined before the first order is in the figures. */
  readonly watermarkMs: number | undefined;
  readonly tallies: ReadonlyMap<string, { count: number; fen: number }>;
  readonly brands: ReadonlyMap<string, BrandFigures>;
  /** The figures of each store that the rows keep. */
  readonly stores: ReadonlyMap<string, { orders: number; grossFen: number; refundedFen: number }>;
  /** Members who ordered, estimated. */
  readonly members: number;
  /** How many event ids came with different contents in one window. */
  readonly conflicts: number;
};

/** A queue at the end of a run. */
export type QueueAtEnd = {
  readonly name: string;
  /** `output`: other systems read it; `dead-letter`: messages that failed too often. */
  readonly kind: 'work' | 'dead-letter' | 'output';
  readonly bodies: readonly string[];
};

/** The final state, after the faults have stopped and nothing is under way any more. */
export type End = {
  readonly atMs: number;
  readonly figures: ReadonlyMap<string, Figures>;
  readonly queues: readonly QueueAtEnd[];
};

/** What a row is made of: the blocks of its window, or how many blocks each of its children was made of. */
export type MadeOf = { readonly blocks: ReadonlySet<string> } | { readonly counts: readonly number[] };

/** What all invariants can read. */
export type Facts = {
  readonly ledger: Ledger;
  readonly observer: Observer;
  readonly campaigns: Campaigns;
  readonly members: Members;
  readonly erasures: Erasures;
  /**
   * How much later than the time on its worker's clock a write may happen, in ms, because clocks are wrong. The
   * time for which the worker was stopped is added to this.
   */
  readonly lateMs: number;
  /** The secret from which the seeds of all draws and the keys of coupons' ids are derived. */
  readonly secret: string;
  /** The events of a metrics block, by the pipeline's own codec. */
  readonly eventsOfBlock: (body: Uint8Array) => readonly BlockEvent[];
  /** What a row says that it is made of, by the pipeline's own codec. */
  readonly madeOfRow: (bytes: Uint8Array) => MadeOf;
  /** The orders of a draw's entry block, by the pipeline's own codec; without those whose members are pseudonymized. */
  readonly ordersOfBlock: (body: Uint8Array) => readonly { orderId: string; memberId: string }[];
};

export type BlockEvent = { readonly id: string; readonly label: string; readonly brand: string };

export type Report = (atMs: number, details: string) => void;

/** Something that must hold: after each call, at each look at the figures, at the end. */
export type Checks = {
  /** Each call, also one that only reads or that writes rows of figures, which are not watched. It comes before `onStep`. */
  onCall?(step: Step): void;
  /** A call that has touched watched items or has sent messages. */
  onStep?(seen: Seen): void;
  onFigures?(figures: Figures, atMs: number): void;
  atEnd?(end: End): void;
};

export type Invariant = { readonly name: string; readonly begin: (facts: Facts, report: Report) => Checks };
