import type { Invariant } from '../invariant.ts';
import { accounted, rejectsBounded } from './accounted.ts';
import { blocks } from './blocks.ts';
import { budget } from './budget.ts';
import { ceilings } from './ceilings.ts';
import { couponAccounts } from './coupon-accounts.ts';
import { couponIds } from './coupon-ids.ts';
import { couponMetrics, decisions } from './coupon-metrics.ts';
import { couponReturns } from './coupon-returns.ts';
import { couponUses } from './coupon-uses.ts';
import { definitionsStand } from './definitions-stand.ts';
import { drained } from './drained.ts';
import { drawStatement } from './draw-statement.ts';
import { erased } from './erased.ts';
import { extensions } from './extensions.ts';
import { fewDebits } from './few-debits.ts';
import { givenBack } from './given-back.ts';
import { issuedValid } from './issued-valid.ts';
import { limits } from './limits.ts';
import { links } from './links.ts';
import { firstContent, members, metrics } from './metrics.ts';
import { moneyFreed } from './money-freed.ts';
import { oneDebit } from './one-debit.ts';
import { outbox } from './outbox.ts';
import { paused } from './paused.ts';
import { propensities } from './propensities.ts';
import { revocations } from './revocations.ts';
import { rows } from './rows.ts';
import { sweepPause } from './sweep-pause.ts';
import { tiers } from './tiers.ts';
import { totals } from './totals.ts';
import { uniqueIds } from './unique-ids.ts';
import { versions } from './versions.ts';
import { watermark, watermarkBack } from './watermark.ts';
import { watermarkTruth } from './watermark-truth.ts';
import { winMetrics } from './win-metrics.ts';
import { winners } from './winners.ts';

/** Everything that must hold in every run. */
export const INVARIANTS: readonly Invariant[] = [
  budget,
  oneDebit,
  fewDebits,
  paused,
  ceilings,
  limits,
  links,
  uniqueIds,
  couponIds,
  outbox,
  couponReturns,
  couponUses,
  moneyFreed,
  sweepPause,
  issuedValid,
  couponAccounts,
  couponMetrics,
  decisions,
  propensities,
  definitionsStand,
  extensions,
  versions,
  tiers,
  accounted,
  rejectsBounded,
  metrics,
  firstContent,
  members,
  totals,
  blocks,
  rows,
  watermark,
  watermarkBack,
  watermarkTruth,
  winners,
  winMetrics,
  givenBack,
  revocations,
  drawStatement,
  erased,
  drained,
];
