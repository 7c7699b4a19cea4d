/** The public randomness beacons that a draw may use, by the names that a campaign's definition may give. */
import type { BEACON_CHAINS } from '#events/sections/free-orders.ts';

/** A drand network. Its hash covers the key, the genesis, the period and the group: see `chainHash` in beacon.ts. */
export type Chain = {
  name: (typeof BEACON_CHAINS)[number];
  hash: string;
  /** A point of G2 of BLS12-381, compressed. */
  publicKey: string;
  /** When round 1 came, in seconds since the epoch. */
  genesisSeconds: number;
  periodSeconds: number;
  groupHash: string;
};

/** The League of Entropy's network: a round every 3 s since August 2023, scheme bls-unchained-g1-rfc9380. */
const QUICKNET: Chain = {
  name: 'quicknet',
  hash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
  publicKey:
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  genesisSeconds: 1_692_803_367,
  periodSeconds: 3,
  groupHash: 'f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e',
};

export const CHAINS: Readonly<Record<Chain['name'], Chain>> = { quicknet: QUICKNET };
