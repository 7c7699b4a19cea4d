import type { Objects } from '#platform/objects.ts';
import type { Outside } from '#platform/runtime.ts';
import { makeHandler as audience } from '../../lambdas/audience/handler.ts';
import { makeHandler as board } from '../../lambdas/board/handler.ts';
import { makeHandler as coupon } from '../../lambdas/coupon/handler.ts';
import { makeHandler as draw } from '../../lambdas/draw/handler.ts';
import { makeHandler as freeOrder } from '../../lambdas/free-order/handler.ts';
import { makeHandler as health } from '../../lambdas/health/handler.ts';
import { makeHandler as intake } from '../../lambdas/intake/handler.ts';
import { makeHandler as metrics } from '../../lambdas/metrics/handler.ts';
import { makeHandler as pacer } from '../../lambdas/pacer/handler.ts';
import { makeHandler as presale } from '../../lambdas/presale/handler.ts';
import { makeHandler as publisher } from '../../lambdas/publisher/handler.ts';
import { makeHandler as rollup } from '../../lambdas/rollup/handler.ts';

/** A function as Lambda calls it. */
export type Handler = (event: unknown, context: object) => Promise<unknown>;

type Factory = (outside: Outside, objects: Objects) => Handler;

/** The factories of all functions, by the functions' short names in the stack. Production calls the same factories. */
export const FACTORIES: Readonly<Record<string, Factory>> = {
  audience,
  board,
  coupon,
  draw: (outside: Outside, objects: Objects) => draw(outside, () => objects),
  'free-order': freeOrder,
  health,
  intake,
  metrics,
  pacer,
  presale,
  publisher: (outside: Outside, objects: Objects) => publisher(outside, () => objects),
  rollup,
} as unknown as Record<string, Factory>;
