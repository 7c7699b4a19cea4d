/** Checks the beginning of an export: the public facts and the revealed seed. */
import { isDeepStrictEqual } from 'node:util';
import { chainHash } from '../draw/beacon.ts';
import { commitmentTo } from '../draw/commitment.ts';
import { type PublicFacts, parseFacts } from '../draw/facts.ts';
import type { HeaderLine } from './export-format.ts';
import type { Published } from './published.ts';
import { expected } from './verify-entry.ts';

/** The chain that draws the slots must be the one that the rules name, with a key that its own hash covers. */
const checkChain = ({ freeOrders, chain }: PublicFacts, fault: (message: string) => void): void => {
  const name = freeOrders.mode === 'slot' ? freeOrders.beacon.chain : 'none';
  if ((chain?.name ?? 'none') !== name) fault(expected('facts.chain', name, chain?.name ?? 'none'));
  else if (chain !== null && chainHash(chain) !== chain.hash) {
    fault(expected('facts.chain.hash', chainHash(chain), chain.hash));
  }
};

/** The facts and the seed of an export; undefined when they are unusable. Every fault is reported. */
export const checkHeader = (
  line: HeaderLine,
  published: Published,
  fault: (message: string) => void,
): { facts: PublicFacts; seed: Uint8Array } | undefined => {
  const parsed = parseFacts(line.facts);
  if (!parsed.ok) {
    fault(parsed.message);
    return undefined;
  }
  const { facts } = parsed;
  const format = facts.format ?? 1;
  // The format decides the tickets, so it must not be chosen after the facts were published.
  if (line.version !== format) fault(expected('version', `${format}, as in the facts`, line.version));
  const seed = Buffer.from(line.seed, 'hex');
  const commitment = commitmentTo(seed);
  if (commitment !== facts.seedCommitment) {
    fault(expected('seed', `the one that ${facts.seedCommitment} commits to`, `one of ${commitment}`));
  }
  if (published.commitment !== undefined && published.commitment !== facts.seedCommitment) {
    fault(expected('facts.seedCommitment', `${published.commitment}, as published`, facts.seedCommitment));
  }
  if (published.facts !== undefined && !isDeepStrictEqual(published.facts, facts)) {
    fault('facts: expected those that were published, got others');
  }
  checkChain(facts, fault);
  return { facts, seed };
};
