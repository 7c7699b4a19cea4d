import type { Definition, SentOrder } from './ledger.ts';
import type { Change } from './observation.ts';

const OPEN_PARTITION = '#open';
const DEFINITION_ITEM = 'DEFINITION';
const EXTENDED_ITEM = 'EXTENDED';
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DEFAULT_WINDOW_SECONDS = 10;
const DEFAULT_HORIZON_HOURS = 168;
/** Every worker knows a listed campaign after this time. */
const KNOWN_AFTER_MS = 60_000;
/** How long it may take until an event is judged, including visibility timeouts, paused workers and waits. */
const UNDER_WAY_MS_MAX = 2 * HOUR_MS;
const SKEW_MS_MAX = 5_000;

export type Campaign = {
  readonly definition: Definition;
  readonly startsMs: number;
  /** The end that its definition announces. A draw of free orders ends then, even if the campaign is extended. */
  readonly plannedMs: number;
  /** Its end, which an extension may have moved later. */
  endsMs: number;
  readonly windowMs: number;
  readonly horizonMs: number;
  /** Whether its coupons' ids are made with a key. Only the previous version of the pipeline opens campaigns without one. */
  readonly hasKeyedIds: boolean;
  /** When orders could first be accepted; undefined before. */
  listedMs: number | undefined;
};

const campaignOf = (definition: Definition, hasKeyedIds: boolean): Campaign => ({
  definition,
  startsMs: Date.parse(definition.startsAt),
  plannedMs: Date.parse(definition.endsAt),
  endsMs: Date.parse(definition.endsAt),
  windowMs: (definition.metrics?.windowSeconds ?? DEFAULT_WINDOW_SECONDS) * SECOND_MS,
  horizonMs: (definition.metrics?.horizonHours ?? DEFAULT_HORIZON_HOURS) * HOUR_MS,
  hasKeyedIds,
  listedMs: undefined,
});

/** Whether a campaign counts an order: surely, never, or depending on when it arrives. */
export type Counting = 'certain' | 'possible' | 'never';

/** Whether every worker surely knew the campaign when an order was sent. An earlier order may go to other campaigns only. */
export const isKnownTo = ({ listedMs }: Campaign, { sentMs }: Pick<SentOrder, 'sentMs'>): boolean =>
  listedMs !== undefined && sentMs >= listedMs + KNOWN_AFTER_MS;

export const countingOf = (campaign: Campaign, { timeMs, sentMs }: SentOrder): Counting => {
  const { startsMs, endsMs, windowMs, horizonMs, listedMs } = campaign;
  if (listedMs === undefined || timeMs < startsMs || timeMs >= endsMs) return 'never';
  const sealedMs = Math.floor(timeMs / windowMs) * windowMs + windowMs + horizonMs;
  if (sentMs > sealedMs + SKEW_MS_MAX) return 'never';
  return isKnownTo(campaign, { sentMs }) && sentMs + UNDER_WAY_MS_MAX < sealedMs ? 'certain' : 'possible';
};

/** The campaigns that were opened, as their stored definitions say. */
export class Campaigns {
  readonly #byId = new Map<string, Campaign>();
  readonly #listed = new Map<string, number>();

  note(changes: readonly Change[], atMs: number): void {
    for (const { table, key, after } of changes) {
      if (table !== 'campaigns' || after === undefined) continue;
      const [partition = '', item = ''] = key.split('\n');
      if (partition === OPEN_PARTITION) {
        if (!this.#listed.has(item)) this.#listed.set(item, atMs);
        const campaign = this.#byId.get(item);
        if (campaign !== undefined) campaign.listedMs ??= atMs;
      } else if (item === DEFINITION_ITEM && !this.#byId.has(partition)) {
        const campaign = campaignOf(JSON.parse(after.body!.S!) as Definition, after.couponIds?.S === 'keyed');
        campaign.listedMs = this.#listed.get(partition);
        this.#byId.set(partition, campaign);
      } else if (item === EXTENDED_ITEM) {
        this.#byId.get(partition)!.endsMs = Number(after.endsAtMs!.N);
      }
    }
  }

  get(campaignId: string): Campaign | undefined {
    return this.#byId.get(campaignId);
  }

  /** Those that take orders, or took them before they ended. */
  listed(): Campaign[] {
    return [...this.#byId.values()].filter(({ listedMs }) => listedMs !== undefined);
  }

  /** The campaign at the beginning of a coupon's id. `coupon` and three more parts follow it, or two parts in the former form. */
  ofCoupon(coupon: string): Campaign | undefined {
    const parts = coupon.split('.');
    const behind = parts.at(-4) === 'coupon' ? 4 : 2;
    return parts.length <= behind ? undefined : this.#byId.get(parts.slice(0, -behind).join('.'));
  }
}
