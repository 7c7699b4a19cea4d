/** A grant as the outbox publishes it. */
export type OutboxGrant = {
  readonly type: string;
  /** Names the grant. Orders name a coupon by this id. */
  readonly id: string;
  readonly time: string;
  readonly data: {
    readonly campaignId: string;
    readonly memberId: string;
    readonly offerId: string;
    readonly amountFen: number;
    readonly budget: string;
    readonly expiresAt: string;
  };
};

/** What a workload can do in a world. All times are virtual, in ms since the epoch. */
export type Stage = {
  readonly scheduler: { readonly nowMs: number; at(atMs: number, happen: () => void): void };
  /**
   * Sends one message to intake at `atMs` (or now, if that has passed). A text is the body as it is; anything else becomes
   * JSON. `attributes` are the message attributes that the producer sets.
   */
  send(body: unknown, atMs: number, attributes?: Readonly<Record<string, string>>): void;
  /** Calls back with each event of the outbox, as often as the outbox delivers it. */
  onGrant(listen: (grant: OutboxGrant) => void): void;
  /**
   * At `atMs`, delivers every message again that a function's queue has had by then, as if somebody redrove copies from a
   * dead-letter queue.
   */
  redrive(functionName: string, atMs: number): void;
};

/** The producers of one run: a pure function of its seed and of the outbox's events. */
export type Workload = {
  readonly name: string;
  /** When virtual time has to begin. */
  readonly startMs: number;
  /** When the last event was sent and everything that was given has had time to expire. */
  readonly endMs: number;
  start(stage: Stage): void;
};

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Virtual time begins here: 23:00 in China, an hour before the sale's day. */
export const BEGIN_MS = Date.parse('2026-11-10T15:00:00.000Z');
