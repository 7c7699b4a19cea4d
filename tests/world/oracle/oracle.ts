import { Campaigns } from './campaigns.ts';
import { Erasures } from './erasures.ts';
import type { Checks, End, Facts, Figures, Invariant, QueueAtEnd } from './invariant.ts';
import { INVARIANTS } from './invariants/index.ts';
import { Ledger } from './ledger.ts';
import { Members } from './members.ts';
import { type Change, type Names, Observer, type Peek, type Step } from './observation.ts';
import { grantChangesOf } from './seen-grants.ts';
import type { Violation } from './violation.ts';

/** The most violations of one invariant that are kept: the first ones say what is wrong. */
const KEPT_MAX = 20;
/**
 * Of the calls that fold blocks into rows (`isFolding`), one in this many is followed by a look at the
 * figures.
 */
const FOLDINGS_A_LOOK = 8;
const PENDING = 'PENDING';
const LATE_MS = 5_000;

export type OracleOptions = {
  readonly names: Names;
  readonly peek: Peek;
  /** The secret that the draws' seeds and the keys of coupons' ids come from. */
  readonly secret: string;
  /** A campaign's figures by the pipeline's own readers; undefined if it has none. */
  readonly figuresOf: (campaignId: string) => Promise<Figures | undefined>;
  readonly codecs: Pick<Facts, 'eventsOfBlock' | 'madeOfRow' | 'ordersOfBlock'>;
  /** See {@link Facts}. The default is more than the error of any worker's clock in the simulated world. */
  readonly lateMs?: number;
  /** The invariants to check; all of them by default. */
  readonly invariants?: readonly Invariant[];
};

/** Whether a call has taken a block from the pending ones, which shows that the block is now in a row. */
const isFolding = ({ table, key, before, after }: Change): boolean =>
  table === 'metrics' &&
  key.includes(`\n${PENDING}`) &&
  before !== undefined &&
  (after?.blocks?.SS?.length ?? 0) < (before.blocks?.SS?.length ?? 1);

/**
 * Judges a run by what was sent, what the tables hold and what was published. It shares no code with the pipeline, except the
 * readers of the figures that it judges and the codecs of packed blocks and of what rows are made of.
 */
export class Oracle {
  readonly violations: Violation[] = [];
  readonly ledger = new Ledger();
  readonly #observer: Observer;
  readonly #campaigns = new Campaigns();
  readonly #members = new Members();
  readonly erasures: Erasures;
  readonly #figuresOf: OracleOptions['figuresOf'];
  readonly #checks: Checks[];
  /** The checks that look at every call. */
  readonly #ofCalls: Checks[];
  /** Those that look at what a call has touched or sent. */
  readonly #ofSteps: Checks[];
  readonly #counts = new Map<string, number>();
  #foldings = 0;
  #looks: Promise<void> = Promise.resolve();

  constructor({
    names,
    peek,
    secret,
    figuresOf,
    codecs,
    lateMs = LATE_MS,
    invariants = INVARIANTS,
  }: OracleOptions) {
    this.erasures = new Erasures(secret, this.ledger);
    this.#observer = new Observer(names, peek, (text) => this.erasures.withIds(text));
    this.#figuresOf = figuresOf;
    const facts: Facts = {
      ledger: this.ledger,
      observer: this.#observer,
      campaigns: this.#campaigns,
      members: this.#members,
      erasures: this.erasures,
      secret,
      lateMs,
      ...codecs,
    };
    this.#checks = invariants.map(({ name, begin }) =>
      begin(facts, (atMs, details) => this.#report({ invariant: name, atMs, details })),
    );
    this.#ofCalls = this.#checks.filter(({ onCall }) => onCall !== undefined);
    this.#ofSteps = this.#checks.filter(({ onStep }) => onStep !== undefined);
  }

  /** How often each invariant was violated. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Notes a message's body as its producer sends it. */
  noteSent(body: string, atMs: number): void {
    this.ledger.note(body, atMs);
  }

  /** Checks a call, and what it has touched or sent, right after it happened. */
  onStep(step: Step): void {
    // If the oracle threw its own error into the call that it judges, the error would look like a fault of the service.
    try {
      this.#judge(step);
    } catch (error) {
      this.#report({ invariant: 'oracle', atMs: step.atMs, details: String((error as Error).stack) });
    }
  }

  #judge(step: Step): void {
    for (const checks of this.#ofCalls) checks.onCall!(step);
    const changes = this.#observer.changesOf(step);
    const sent = this.#observer.sentBy(step);
    if (changes.length === 0 && sent.length === 0) return;
    const { atMs } = step;
    this.#campaigns.note(changes, atMs);
    this.#members.note(changes, atMs);
    this.erasures.note(changes, atMs);
    const seen = { atMs, step, changes, grantChanges: grantChangesOf(changes), sent };
    for (const checks of this.#ofSteps) checks.onStep!(seen);
    const folded = changes.find(isFolding);
    if (folded !== undefined && this.#foldings++ % FOLDINGS_A_LOOK === 0) {
      const look = this.#lookAt(folded.key.split('#')[0]!, atMs);
      this.#looks = this.#looks.then(async () => void (await look));
    }
  }

  async #lookAt(campaignId: string, atMs: number): Promise<Figures | undefined> {
    const figures = await this.#figuresOf(campaignId);
    if (figures !== undefined) for (const checks of this.#checks) checks.onFigures?.(figures, atMs);
    return figures;
  }

  /** Checks the figures of all campaigns that were opened. May be called any number of times; each call reads the figures. */
  async sample(atMs: number): Promise<Map<string, Figures>> {
    const all = new Map<string, Figures>();
    for (const { definition } of this.#campaigns.listed()) {
      const figures = await this.#lookAt(definition.campaignId, atMs);
      if (figures !== undefined) all.set(definition.campaignId, figures);
    }
    return all;
  }

  /** Checks everything at the end, when nothing is under way any more. */
  async end(atMs: number, queues: readonly QueueAtEnd[]): Promise<readonly Violation[]> {
    await this.#looks;
    const end: End = { atMs, queues, figures: await this.sample(atMs) };
    for (const checks of this.#checks) checks.atEnd?.(end);
    return this.violations;
  }

  #report(violation: Violation): void {
    const count = (this.#counts.get(violation.invariant) ?? 0) + 1;
    this.#counts.set(violation.invariant, count);
    if (count <= KEPT_MAX) this.violations.push(violation);
  }
}
