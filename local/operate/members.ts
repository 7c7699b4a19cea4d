import { type Arm, armOf } from '#domain/campaigns/arms.ts';
import { readDefinition, readListing } from '#domain/campaigns/campaigns-table.ts';
import type { GrantReason } from '#domain/coupons/decide.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { readGrantsOfAll } from '#domain/grants/grant-statements.ts';
import { readLinked } from '#domain/members/links.ts';
import { idsOf, isErasedName } from '#domain/members/members-table.ts';
import { decodeProfile, type Features, featuresOf, HALF_LIVES_DAYS } from '#domain/members/profile.ts';
import { presaleTrigger } from '#domain/presale/presale-plan.ts';
import { formatTime } from '#events/contract.ts';
import { InputError } from '#local/console/input-error.ts';
import type { Target } from './target.ts';

/** A grant, and why it was given. */
export type ShownGrant = {
  id: string;
  /** The alias that it was given to before the alias was linked; absent if it was given to the member itself. */
  grantedTo?: string;
  campaignId: string;
  kind: 'coupon' | 'free-order';
  offer: string;
  faceFen: number;
  state: string;
  grantedAt: string;
  expiresAt: string;
  /** The id of the event, or of the presale, that it was given for. */
  trigger: string;
  /** Whether it was given before the sale, for no order. */
  isOfPresale: boolean;
  reason: unknown;
  /** The scores of {@link GrantReason}, by offer; only for a coupon of the engine's arm. */
  scores?: { none: number; offers: Record<string, { pConvert: number; sigma: number }> };
};

export type ShownMember = {
  member: string;
  /** The id that was asked for, if it is an alias of the member, and the event that linked it. */
  askedFor?: { alias: string; linkedAt: string; event: string };
  /** The member's other ids, in the order in which they were linked. */
  aliases?: readonly string[];
  tier: string;
  firstOrderAt?: string;
  lastOrderAt?: string;
  /** As of now. Its decayed sums have a number for each half-life of {@link HALF_LIVES_DAYS}. */
  features: Features & { halfLivesDays: readonly number[] };
  /** The member's arm in each open campaign with coupons. */
  arms: Record<string, Arm>;
  grants: ShownGrant[];
};

const time = <Name extends string>(name: Name, ms: number): { [Key in Name]?: string } =>
  (ms === 0 ? {} : { [name]: formatTime(ms) }) as { [Key in Name]?: string };

/** A grant as it is shown; `names` are the ids of its campaign's offers. */
const shownGrant = (grant: StoredGrant, names: readonly string[]): ShownGrant => {
  const reason = JSON.parse(grant.reason) as Partial<GrantReason>;
  const [none, ...offers] = reason.scores ?? [];
  const { id, campaignId, kind, offer, faceFen, state, grantedMs, expiresMs, trigger } = grant;
  return {
    ...{ id, campaignId, kind, offer, faceFen, state, trigger, reason },
    isOfPresale: trigger === presaleTrigger(campaignId),
    grantedAt: formatTime(grantedMs),
    expiresAt: formatTime(expiresMs),
    ...(none === undefined
      ? {}
      : {
          scores: {
            none: none as number,
            offers: Object.fromEntries(
              offers.map(([pConvert, sigma], i) => [names[i] ?? `offer ${i}`, { pConvert, sigma }]),
            ),
          },
        }),
  };
};

/**
 * Everything that is known of a member, and why each grant was given. For an alias, shows its member. Throws an InputError
 * for an unknown member, and for one that was erased.
 */
export const showMember = async ({ runtime }: Target, id: string): Promise<ShownMember> => {
  const nowMs = runtime.clock.nowMs();
  const chain = (await readLinked(runtime, [id])).get(id)!;
  const found = chain.at(-1)!;
  const { member } = found;
  if (isErasedName(member))
    throw new InputError(`expected a member that was not erased, got ${JSON.stringify(id)}`);
  const { link } = chain[0]!;
  const grants = await readGrantsOfAll(runtime, idsOf(found));
  if (found.version === 0 && grants.length === 0)
    throw new InputError(`expected a member with an order or a tier, got ${JSON.stringify(id)}`);
  const profile = decodeProfile(found.profile);
  const arms: Record<string, Arm> = {};
  const offerIds = new Map<string, string[]>();
  for (const { settings, hasCoupons } of await readListing(runtime)) {
    const { campaignId } = settings;
    const coupons = hasCoupons ? (await readDefinition(runtime, campaignId))?.coupons : undefined;
    if (coupons === undefined) continue;
    arms[campaignId] = armOf(coupons, member);
    offerIds.set(
      campaignId,
      coupons.offers.map(({ offerId }) => offerId),
    );
  }
  return {
    member,
    ...(link && { askedFor: { alias: id, linkedAt: formatTime(link.timeMs), event: link.id } }),
    ...(found.aliases && { aliases: found.aliases }),
    tier: found.tier,
    ...time('firstOrderAt', profile.firstOrderMs),
    ...time('lastOrderAt', profile.lastOrderMs),
    features: { halfLivesDays: HALF_LIVES_DAYS, ...featuresOf(profile, nowMs) },
    arms,
    grants: grants
      .toSorted((a, b) => a.grantedMs - b.grantedMs)
      .map((grant) => ({
        ...(grant.member !== member && { grantedTo: grant.member }),
        ...shownGrant(grant, offerIds.get(grant.campaignId) ?? []),
      })),
  };
};
