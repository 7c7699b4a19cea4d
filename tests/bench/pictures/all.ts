import { drawArms } from './arms.ts';
import { drawConfidence } from './confidence.ts';
import { drawTickets } from './draw.ts';
import { drawPacing } from './pacing.ts';
import type { Drawn } from './plot.ts';
import { drawPrice } from './price.ts';
import { drawSketches } from './sketches.ts';

/** The pictures of docs/mathematics.md, by the name of their file in docs/pictures. */
export const PICTURES: Readonly<Record<string, () => Drawn>> = {
  price: drawPrice,
  pacing: drawPacing,
  confidence: drawConfidence,
  arms: drawArms,
  sketches: drawSketches,
  tickets: drawTickets,
};
