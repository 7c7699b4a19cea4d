import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FIRST_CHECK, seal } from '#domain/free-orders/audit/export-format.ts';
import { DrawVerifier } from '#domain/free-orders/audit/verify-draw.ts';
import { chainHash } from '#domain/free-orders/draw/beacon.ts';
import { CHAINS } from '#domain/free-orders/draw/chains.ts';
import { refusedRehearsal } from '#domain/presale/open-campaign.ts';
import type { PresaleStarted } from '#events/contract.ts';
import { testRuntime } from '../support/runtime.ts';
import { definitionOf, entriesUpTo, exportSlots, instantRules, slotRules } from './factory.ts';

const RUN = exportSlots(slotRules(), entriesUpTo(20));

/** The export with changes to its chain. All checks and the root are computed again, so that they agree. */
const withChain = (changes: object): string[] => {
  let check = FIRST_CHECK;
  const digest = createHash('sha256');
  return RUN.lines.map((text, at) => {
    const { check: _, ...line } = JSON.parse(text);
    if (at === 0) line.facts.chain = { ...line.facts.chain, ...changes };
    if (at === RUN.lines.length - 1) line.root = digest.copy().digest('hex');
    const sealed = seal(check, JSON.stringify(line).slice(0, -1));
    check = sealed.check;
    digest.update(`${sealed.text}\n`);
    return sealed.text;
  });
};

const messagesOf = (lines: readonly string[]): string[] => {
  const verifier = new DrawVerifier();
  for (const line of lines) verifier.line(line);
  return verifier.finish().findings.map(({ message }) => message);
};

describe('the chain of an export', () => {
  it('is accepted if it is the one that the verifier knows', () => {
    expect(messagesOf(withChain({}))).toEqual([]);
  });

  it("with the operator's own key, and the hash that covers it, is refused, and both are named", () => {
    const publicKey = CHAINS.quicknet.publicKey.replace(/^83/, '84');
    const own = { publicKey, hash: chainHash({ ...CHAINS.quicknet, publicKey }) };
    expect(messagesOf(withChain(own))).toEqual([
      `facts.chain.hash: expected ${CHAINS.quicknet.hash}, as this verifier knows it, got ${own.hash}`,
      `facts.chain.publicKey: expected ${CHAINS.quicknet.publicKey}, as this verifier knows it, got ${publicKey}`,
    ]);
  });

  it('under another name is refused, and the name is named', () => {
    expect(messagesOf(withChain({ name: 'othernet' })).join()).toMatch(/chain\.name: expected .*othernet/);
  });

  it('with another hash is refused, and the hash is named', () => {
    expect(messagesOf(withChain({ hash: 'ab'.repeat(32) }))).toEqual([
      `facts.chain.hash: expected ${CHAINS.quicknet.hash}, as this verifier knows it, got ${'ab'.repeat(32)}`,
    ]);
  });

  it('is refused if it is left out', () => {
    const lines = withChain({});
    const without = lines[0]!.replace(/"chain":\{[^}]*\}/, '"chain":null');
    expect(messagesOf([without, ...lines.slice(1)])).toContain('facts.chain: expected quicknet, got none');
  });
});

describe('a draw by a recorded round', () => {
  const received = {
    messageId: 'm',
    body: '{}',
    attributes: { SentTimestamp: '1000', ApproximateReceiveCount: '1' },
  };
  const presale = (freeOrders: object) =>
    ({ data: definitionOf(freeOrders as never) }) as unknown as PresaleStarted;
  const refused = (allowed: string, freeOrders: object) =>
    refusedRehearsal(
      testRuntime({ environment: { ALLOW_REHEARSALS: allowed } }),
      presale(freeOrders),
      received,
    );

  it('is a rehearsal, and is opened only if the stack allows rehearsals', () => {
    expect(refused('false', slotRules())).toMatchObject({ reason: 'rule-broken' });
    expect(refused('true', slotRules())).toBeUndefined();
  });

  it('differs from a draw by a future round and from an instant draw, which any stack opens', () => {
    expect(refused('false', slotRules({ beacon: { chain: 'quicknet', delaySeconds: 30 } }))).toBeUndefined();
    expect(refused('false', instantRules())).toBeUndefined();
  });
});
