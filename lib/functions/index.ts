import { audience } from './audience.ts';
import { board } from './board.ts';
import { coupon } from './coupon.ts';
import { draw } from './draw.ts';
import { freeOrder } from './free-order.ts';
import { health } from './health.ts';
import { intake } from './intake.ts';
import { metrics } from './metrics.ts';
import { pacer } from './pacer.ts';
import { presale } from './presale.ts';
import { publisher } from './publisher.ts';
import { rollup } from './rollup.ts';

/** The functions that process a queue. */
export const WORKERS = {
  intake,
  presale,
  audience,
  coupon,
  freeOrder,
  pacer,
  draw,
  publisher,
  metrics,
  rollup,
};

/** The functions that observe the pipeline. */
export const WATCHERS = { health, board };

export type WorkerName = keyof typeof WORKERS;
export type WatcherName = keyof typeof WATCHERS;

/** The folder of a function in lambdas/: `free-order` for `freeOrder`. */
export const folderOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
