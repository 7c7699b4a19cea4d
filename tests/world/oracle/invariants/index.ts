import type { Invariant } from '../invariant.ts';
import { accounted, rejectsBounded } from './accounted.ts';
import { budget } from './budget.ts';
import { couponAccounts } from './coupon-accounts.ts';
import { couponMetrics, decisions } from './coupon-metrics.ts';
import { couponReturns } from './coupon-returns.ts';
import { couponUses } from './coupon-uses.ts';
import { definitionsStand } from './definitions-stand.ts';
import { drained } from './drained.ts';
import { drawStatement } from './draw-statement.ts';
import { issuedValid } from './issued-valid.ts';
import { limits } from './limits.ts';
import { firstContent, members, metrics } from './metrics.ts';
import { moneyFreed } from './money-freed.ts';
import { oneDebit } from './one-debit.ts';
import { outbox } from './outbox.ts';
import { propensities } from './propensities.ts';
import { revocations } from './revocations.ts';
import { totals } from './totals.ts';
import { uniqueIds } from './unique-ids.ts';
import { watermark, watermarkBack } from './watermark.ts';
import { winners } from './winners.ts';

export const INVARIANTS: readonly Invariant[] = [
  budget,
  oneDebit,
  limits,
  uniqueIds,
  outbox,
  couponReturns,
  couponUses,
  moneyFreed,
  issuedValid,
  couponAccounts,
  couponMetrics,
  decisions,
  propensities,
  definitionsStand,
  accounted,
  rejectsBounded,
  metrics,
  firstContent,
  members,
  totals,
  watermark,
  watermarkBack,
  winners,
  revocations,
  drawStatement,
  drained,
];
