import type { Defect } from './defect.ts';
import { DRAWS } from './draws.ts';
import { FIGURES } from './figures.ts';
import { MONEY } from './money.ts';

/** Every defect that is planted, one at a time. */
export const DEFECTS: readonly Defect[] = [...MONEY, ...DRAWS, ...FIGURES];

/** Throws if there is no defect of this name. */
export const defectNamed = (name: string): Defect => {
  const found = DEFECTS.find((one) => one.name === name);
  if (found === undefined)
    throw new Error(`defect: expected one of ${DEFECTS.map((one) => one.name).join(', ')}, got ${name}`);
  return found;
};
