/** Rounds of a public randomness beacon (drand): which round comes at what time, and whether a round is genuine. */
import { createHash, hash } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { SECOND_MS } from '#platform/duration.ts';
import { compartment, type Memory } from '#platform/memory.ts';
import { Remembered } from '#platform/remembered.ts';
import type { Chain } from './chains.ts';

const UINT32_BYTES = 4;
const UINT64_BYTES = 8;
/**
 * The domain separation tag of drand's scheme `bls-unchained-g1-rfc9380`: signatures are points of G1, and messages are hashed to
 * G1 as in RFC 9380.
 */
const SIGNATURE_DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';

/** One round, as the network publishes it; `randomness` and `signature` are in hexadecimal digits. */
export type Round = { round: number; randomness: string; signature: string };

/** Where rounds come from: the network in AWS, recorded rounds in a run without a network. */
export type Beacon = {
  /** The genuine round with this number, or undefined when it has not come yet. */
  round(number: number): Promise<Round | undefined>;
};

/** The first round that comes at `timeMs` or later. */
export const roundAtOrAfter = (chain: Chain, timeMs: number): number =>
  Math.max(1, Math.ceil((timeMs / SECOND_MS - chain.genesisSeconds) / chain.periodSeconds) + 1);

/** When a round comes, in ms since the epoch. */
export const timeOfRoundMs = (chain: Chain, round: number): number =>
  (chain.genesisSeconds + (round - 1) * chain.periodSeconds) * SECOND_MS;

/**
 * The hash that names a network: SHA-256(period ‖ genesis time ‖ public key ‖ group hash ‖ name), as drand computes it
 * (drand/drand: common/chain/info.go). A third party who knows this one value needs no other source for the key.
 */
export const chainHash = (chain: Chain): string => {
  const numbers = Buffer.alloc(UINT32_BYTES + UINT64_BYTES);
  numbers.writeUInt32BE(chain.periodSeconds);
  numbers.writeBigInt64BE(BigInt(chain.genesisSeconds), UINT32_BYTES);
  return createHash('sha256')
    .update(numbers)
    .update(chain.publicKey, 'hex')
    .update(chain.groupHash, 'hex')
    .update(chain.name)
    .digest('hex');
};

const isSignatureOf = (chain: Chain, { round, signature }: Round): boolean => {
  const { shortSignatures, G1, G2 } = bls12_381;
  const number = Buffer.alloc(UINT64_BYTES);
  number.writeBigUInt64BE(BigInt(round));
  const message = shortSignatures.hash(hash('sha256', number, 'buffer'), SIGNATURE_DOMAIN);
  try {
    return shortSignatures.verify(G1.Point.fromHex(signature), message, G2.Point.fromHex(chain.publicKey));
  } catch {
    // The library throws for bytes that are not a point of the curve. Such a signature is invalid like any
    // other.
    return false;
  }
};

/** Why a round is not a genuine round of the chain; undefined if it is genuine. */
export type FaultOfRound = (chain: Chain, round: Round) => 'chain' | 'randomness' | 'signature' | undefined;

/** Takes about 40 ms for two pairings. */
export const faultOfRound: FaultOfRound = (chain, round) => {
  if (chainHash(chain) !== chain.hash) return 'chain';
  if (hash('sha256', Buffer.from(round.signature, 'hex'), 'hex') !== round.randomness) return 'randomness';
  return isSignatureOf(chain, round) ? undefined : 'signature';
};

export const verifyRound = (chain: Chain, round: Round): boolean => faultOfRound(chain, round) === undefined;

/** The rounds whose results are remembered may take this many characters together. */
const GENUINE_CHARS = 1_000_000;

const GENUINE = compartment(() => new Remembered<boolean>(GENUINE_CHARS));

/** {@link verifyRound}, once for each round: a draw that is called again needs the rounds of its slots again. */
export const verifyRoundOnce = (chain: Chain, round: Round, results: Memory): boolean =>
  results.of(GENUINE).of(JSON.stringify([chain, round]), () => verifyRound(chain, round));
