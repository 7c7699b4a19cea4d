import { hash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Sha256 } from '#platform/sha256.ts';

describe('a digest that is continued from a stored state', () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1_000])(
    'is the SHA-256 hash of all %i bytes',
    (length) => {
      const bytes = randomBytes(length);
      for (let cut = 0; cut <= length; cut += 7) {
        const begun = new Sha256();
        begun.update(bytes.subarray(0, cut));
        begun.digest();
        const continued = new Sha256(JSON.parse(JSON.stringify(begun.state())));
        for (let at = cut; at < length; at += 13)
          continued.update(bytes.subarray(at, Math.min(at + 13, length)));
        expect(continued.digest()).toBe(hash('sha256', bytes, 'hex'));
      }
    },
  );
});
