/** What is published about a draw before it happens, and while it happens. */
import * as z from 'zod/mini';
import { firstFault } from '#events/faults.ts';
import { campaignId, integer, record, time } from '#events/fields.ts';
import { rejection } from '#events/rejection.ts';
import {
  BEACON_CHAINS,
  brokenFreeOrderRule,
  type FreeOrders,
  freeOrders,
} from '#events/sections/free-orders.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { ENTRY_FORMAT } from '../rules/entry.ts';
import type { SlotRules } from '../rules/rules.ts';
import { roundAtOrAfter } from './beacon.ts';
import { CHAINS, type Chain } from './chains.ts';

/** SHA-256 digests, seeds and randomness: 32 bytes in lower-case hexadecimal digits. */
export const digest = z
  .string({ error: '64 lower-case hexadecimal digits' })
  .check(z.regex(/^[0-9a-f]{64}$/));
const hex = z.string({ error: 'lower-case hexadecimal digits' }).check(z.regex(/^(?:[0-9a-f]{2})+$/));

/**
 * The public facts of a draw: the odds or the number of prizes, the cap on an award, the conditions, the commitments and the
 * beacon. They are complete: with the seed and the entries, anybody can repeat the draw. Only the number of blocked members is
 * given, because their names are private.
 */
const publicFacts = record({
  campaignId,
  startsAt: time,
  endsAt: time,
  freeOrders,
  blockedMembers: integer(0, Number.MAX_SAFE_INTEGER),
  seedCommitment: digest,
  memberKeyCommitment: digest,
  /** Absent in format 1. */
  format: z.optional(z.literal(ENTRY_FORMAT)),
  chain: z.nullable(
    record({
      name: z.enum(BEACON_CHAINS),
      hash: digest,
      publicKey: hex,
      genesisSeconds: integer(0, Number.MAX_SAFE_INTEGER),
      periodSeconds: integer(1, Number.MAX_SAFE_INTEGER),
      groupHash: digest,
    }),
  ),
});

export type PublicFacts = z.output<typeof publicFacts>;

/** The facts to publish when the campaign opens, before any of its orders can come. */
export const factsOf = (
  definition: { campaignId: string; startsAt: string; endsAt: string; freeOrders: FreeOrders },
  commitments: { seedCommitment: string; memberKeyCommitment: string },
): PublicFacts => {
  const { blockedMembers = [], ...rules } = definition.freeOrders;
  return {
    campaignId: definition.campaignId,
    startsAt: definition.startsAt,
    endsAt: definition.endsAt,
    freeOrders: rules,
    blockedMembers: blockedMembers.length,
    seedCommitment: commitments.seedCommitment,
    memberKeyCommitment: commitments.memberKeyCommitment,
    format: ENTRY_FORMAT,
    chain: rules.mode === 'slot' ? CHAINS[rules.beacon.chain] : null,
  };
};

/** Reads facts strictly, including the rules between fields. Returns a message that names the first fault if there is one. */
export const parseFacts = (
  value: unknown,
): { ok: true; facts: PublicFacts } | { ok: false; message: string } => {
  const result = z.safeParse(publicFacts, value);
  if (!result.success) return { ok: false, message: firstFault(result.error.issues, value, 'facts').message };
  const facts = result.data;
  const broken =
    facts.freeOrders.blockedMembers === undefined
      ? brokenFreeOrderRule(facts)
      : { field: 'freeOrders.blockedMembers', expected: 'no such field in public facts', value: undefined };
  if (broken === undefined) return { ok: true, facts };
  return {
    ok: false,
    message: rejection('rule-broken', broken.field, broken.expected, broken.value).message,
  };
};

/** What is published about a closed slot before it is drawn. `round` is null for an empty slot, which needs no draw. */
export type SlotStatement = {
  slot: number;
  entries: number;
  root: string;
  publishedAtMs: number;
  round: number | null;
};

/**
 * The round that draws a slot: the first one at least the beacon's delay after the slot's root was published.
 * The publication names this round, so its readers know that the round was still in the future. If the rules have a
 * `recordedRound`, that round draws the slot instead. This is only for trials, because everybody knows the round.
 */
export const roundOfSlot = (rules: SlotRules, chain: Chain, publishedAtMs: number): number => {
  const { recordedRound, delaySeconds = 0 } = rules.definition.beacon;
  return recordedRound ?? roundAtOrAfter(chain, publishedAtMs + delaySeconds * SECOND_MS);
};
