import { expect, it } from 'vitest';
import { merkleRoot } from '#domain/free-orders/draw/merkle.ts';
import { FingerprintSet } from '#domain/free-orders/entries/fingerprint-set.ts';

/** The leaves and roots of the reference tests of RFC 6962 (google/certificate-transparency). */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

it.each(ROOTS.entries().toArray())('the root over %i leaves is that of RFC 6962', (count, root) => {
  const leaves = LEAVES.slice(0, count).map((leaf) => Buffer.from(leaf, 'hex').toString('utf8'));
  expect(merkleRoot(leaves)).toBe(root);
});

it('a root changes with any leaf, with the order of the leaves and with their number', () => {
  const leaves = ['a', 'b', 'c', 'd', 'e'];
  const others = [
    ['a', 'b', 'c', 'd'],
    ['b', 'a', 'c', 'd', 'e'],
    ['a', 'b', 'c', 'd', 'f'],
    ['a', 'b', 'c', 'd', 'e', 'e'],
  ];
  expect(new Set([leaves, ...others].map(merkleRoot)).size).toBe(5);
});

it('a set of fingerprints knows what was added, however often it grew', () => {
  const set = new FingerprintSet();
  const texts = Array.from({ length: 10_000 }, (_, i) => `order-${i}`);
  expect(texts.every((text) => set.add(text))).toBe(true);
  expect(texts.some((text) => set.add(text))).toBe(false);
  expect(set.size).toBe(10_000);
});
