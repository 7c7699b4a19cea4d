import { hash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import {
  chainHash,
  faultOfRound,
  type Round,
  roundAtOrAfter,
  verifyRound,
} from '#domain/free-orders/draw/beacon.ts';
import { CHAINS } from '#domain/free-orders/draw/chains.ts';
import { drandBeacon } from '#domain/free-orders/draw/drand.ts';
import { RECORDED_ROUNDS, recordedBeacon } from '#local/aws/recorded-beacon.ts';
import { Memory } from '#platform/memory.ts';

const { quicknet } = CHAINS;

const ROUND: Round = RECORDED_ROUNDS[0]!;

const randomnessOf = (signature: string) => hash('sha256', Buffer.from(signature, 'hex'), 'hex');

const flipped = (signature: string, bit: number): string => {
  const buffer = Buffer.from(signature, 'hex');
  buffer[bit >> 3]! ^= 1 << (bit & 7);
  return buffer.toString('hex');
};

describe('a round of the beacon', () => {
  it('is checked with the key and the period of quicknet, which its published hash covers', () => {
    expect(chainHash(quicknet)).toBe(quicknet.hash);
  });

  it.each(RECORDED_ROUNDS)('that was recorded ($round) has a valid signature', (round) => {
    expect(faultOfRound(quicknet, round)).toBeUndefined();
  });

  it.each([0, 5, 77, 200, 383])('is refused if bit %i of its signature is flipped', (bit) => {
    const signature = flipped(ROUND.signature, bit);
    expect(faultOfRound(quicknet, { ...ROUND, signature })).toBe('randomness');
    expect(faultOfRound(quicknet, { ...ROUND, signature, randomness: randomnessOf(signature) })).toBe(
      'signature',
    );
  });

  it('is refused with the signature of another round, or with other randomness', () => {
    expect(verifyRound(quicknet, { ...ROUND, round: 1_004 })).toBe(false);
    expect(verifyRound(quicknet, { ...RECORDED_ROUNDS[1]!, round: 1_000 })).toBe(false);
    expect(faultOfRound(quicknet, { ...ROUND, randomness: '0'.repeat(64) })).toBe('randomness');
  });

  it('is refused under a chain whose key or period does not match the hash of the chain', () => {
    expect(faultOfRound({ ...quicknet, periodSeconds: 30 }, ROUND)).toBe('chain');
    const publicKey = flipped(quicknet.publicKey, 40);
    expect(faultOfRound({ ...quicknet, publicKey }, ROUND)).toBe('chain');
  });

  it('is found for a time: the first round at that time or later', () => {
    const genesisMs = quicknet.genesisSeconds * 1_000;
    expect([-5_000, 0, 1, 3_000, 3_001].map((ms) => roundAtOrAfter(quicknet, genesisMs + ms))).toEqual([
      1, 1, 2, 2, 3,
    ]);
    const roundMs = genesisMs + (30_000_000 - 1) * quicknet.periodSeconds * 1_000;
    expect([-1, 0, 1].map((ms) => roundAtOrAfter(quicknet, roundMs + ms))).toEqual([
      30_000_000, 30_000_000, 30_000_001,
    ]);
  });
});

describe('a source of rounds', () => {
  const answering = (answers: Record<string, unknown>) =>
    vi.fn(async (url: string | URL | Request) => {
      const answer = answers[new URL(String(url)).host];
      if (answer === undefined) throw new Error('connect ECONNREFUSED');
      return Response.json(answer);
    });
  const relays = ['https://down.test', 'https://liar.test', 'https://honest.test'];

  it('skips a relay that is down or sends a false round, and asks the next one', async () => {
    const lie = { ...ROUND, randomness: '0'.repeat(64) };
    const get = answering({ 'liar.test': lie, 'honest.test': ROUND });
    expect(await drandBeacon(quicknet, relays, { fetch: get, results: new Memory() }).round(1_000)).toEqual(
      ROUND,
    );
    expect(get).toHaveBeenLastCalledWith(
      `https://honest.test/${quicknet.hash}/public/1000`,
      expect.objectContaining({ signal: expect.any(AbortSignal) }),
    );
  });

  it('returns nothing if each relay is down, or answers with nonsense or another round', async () => {
    const get = answering({ 'liar.test': 'no', 'honest.test': RECORDED_ROUNDS[1] });
    expect(
      await drandBeacon(quicknet, relays, { fetch: get, results: new Memory() }).round(1_000),
    ).toBeUndefined();
  });

  it('may be a recording, which needs no network', async () => {
    expect(await recordedBeacon.round(1_000)).toEqual(ROUND);
    expect(await recordedBeacon.round(1)).toBeUndefined();
  });
});
