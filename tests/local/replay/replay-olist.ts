/** Replays the Olist data set (real orders) as a user does, for tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Outcome, runScript } from '../../support/run-start.ts';
import { OLIST_DIRECTORY } from '../olist.ts';

type Figures = { orders: number; refunds: number; grossFen: number; netFen: number };
export type Report = {
  campaigns: Record<string, Figures & { members: number; brands: Record<string, Figures> }>;
  accepted: number;
  rejected: Record<string, number>;
  unreadable: number;
  consumed: Record<string, { writeUnits: number }>;
  seconds: number;
};

let runs = 0;
/** Replays with these options, and keeps the report in the directory. */
export const replayOlist = async (
  directory: string,
  ...options: string[]
): Promise<{ outcome: Outcome; report: Report }> => {
  const file = join(directory, `report-${runs++}.json`);
  const outcome = await runScript('local/olist.ts', [
    OLIST_DIRECTORY,
    '--once',
    '--report',
    file,
    ...options,
  ]);
  expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
  return { outcome, report: JSON.parse(readFileSync(file, 'utf8')) as Report };
};

/** The part of a report that depends on the events alone. */
export const figuresOf = ({ consumed, seconds, ...figures }: Report) => figures;
