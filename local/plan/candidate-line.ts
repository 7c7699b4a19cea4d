import { MAX_COST_FEN } from '#domain/allocation/candidates.ts';

/** A candidate as a line states it. Member and offer are kept as JSON, so that the report names them as the line does. */
export type CandidateLine = {
  member: string;
  offer: string;
  value: number;
  costFen: number;
  pool: number;
};

export type ReadLine = { ok: true; candidate: CandidateLine } | { ok: false; reason: string };

/**
 * The number of the pool of this name; undefined if there is no such pool. The name is undefined for a line that names no
 * pool.
 */
export type PoolNumbers = (name: string | undefined) => number | undefined;

const MAX_VALUE = 1e15;
const SHOWN_CHARACTERS = 60;
const FIELDS: ReadonlySet<string> = new Set(['member', 'offer', 'value', 'cost', 'pool']);

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
};

const refused = (field: string, expected: string, value: unknown): ReadLine => ({
  ok: false,
  reason: `${field}: expected ${expected}, got ${shown(value)}`,
});

const isName = (value: unknown): value is string | number =>
  typeof value === 'string' ? value !== '' : Number.isSafeInteger(value);

/** Reads one line of a candidates file. */
export const readCandidateLine = (text: string, poolNumber: PoolNumbers): ReadLine => {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (cause) {
    return { ok: false, reason: `not JSON (${(cause as Error).message})` };
  }
  if (typeof line !== 'object' || line === null || Array.isArray(line)) {
    return { ok: false, reason: `expected an object, got ${shown(line)}` };
  }
  for (const field in line) {
    if (!FIELDS.has(field)) return { ok: false, reason: `unknown field ${shown(field)}` };
  }
  const { member, offer, value, cost, pool } = line as Record<string, unknown>;
  if (!isName(member)) return refused('member', 'a text or an integer', member);
  if (!isName(offer)) return refused('offer', 'a text or an integer', offer);
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_VALUE)) {
    return refused('value', `a number from 0 to ${MAX_VALUE}`, value);
  }
  if (!Number.isInteger(cost) || (cost as number) < 0 || (cost as number) > MAX_COST_FEN) {
    return refused('cost', `an integer number of fen from 0 to ${MAX_COST_FEN}`, cost);
  }
  if (pool !== undefined && typeof pool !== 'string') return refused('pool', 'a text', pool);
  const number = poolNumber(pool);
  if (number === undefined) return refused('pool', 'a pool of --pools', pool);
  return {
    ok: true,
    candidate: {
      member: JSON.stringify(member),
      offer: JSON.stringify(offer),
      value,
      costFen: cost as number,
      pool: number,
    },
  };
};
