/** Checks the beginning of an export: the public facts and the revealed seed. */
import { isDeepStrictEqual } from 'node:util';
import { CHAINS } from '../draw/chains.ts';
import { commitmentTo } from '../draw/commitment.ts';
import { type PublicFacts, parseFacts } from '../draw/facts.ts';
import type { HeaderLine } from './export-format.ts';
import type { Published } from './published.ts';
import { expected } from './verify-entry.ts';

/**
 * Compares the export's chain with what the verifier itself knows of the chain that the definition names. A key from the export
 * would prove nothing, since whoever made the key may have made the rounds too. Reports every field that differs.
 */
const checkChain = ({ freeOrders, chain }: PublicFacts, fault: (message: string) => void): void => {
  const known = freeOrders.mode === 'slot' ? CHAINS[freeOrders.beacon.chain] : null;
  if (known === null || chain === null) {
    if (known !== chain) fault(expected('facts.chain', known?.name ?? 'none', chain?.name ?? 'none'));
    return;
  }
  const fields = ['name', 'hash', 'publicKey', 'genesisSeconds', 'periodSeconds', 'groupHash'] as const;
  for (const field of fields) {
    if (chain[field] === known[field]) continue;
    fault(expected(`facts.chain.${field}`, `${known[field]}, as this verifier knows it`, chain[field]));
  }
};

/** The facts and the seed of an export; undefined if the facts cannot be read. Every fault is reported. */
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
  // The tickets depend on the format, so it must not be chosen after the facts were published.
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
