import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commitmentTo, Pseudonyms, slotSeed } from '#domain/free-orders/draw/commitment.ts';
import { TicketDrawer, ticketText, winningBelow } from '#domain/free-orders/draw/ticket.ts';
import { HmacSha256 } from '#platform/hmac.ts';
import { bytes } from './factory.ts';

/** RFC 4231, test cases 1, 2, 3, 4; cases 6 and 7 have keys longer than a block, which no key here is. */
const RFC_4231 = [
  {
    key: '0b'.repeat(20),
    data: Buffer.from('Hi There').toString('hex'),
    digest: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    key: Buffer.from('Jefe').toString('hex'),
    data: Buffer.from('what do ya want for nothing?').toString('hex'),
    digest: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    key: 'aa'.repeat(20),
    data: 'dd'.repeat(50),
    digest: '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  },
  {
    key: '0102030405060708090a0b0c0d0e0f10111213141516171819',
    data: 'cd'.repeat(50),
    digest: '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  },
];

describe('HMAC-SHA256', () => {
  it.each(RFC_4231)('gives the digest of RFC 4231: $digest', ({ key, data, digest }) => {
    const hmac = new HmacSha256(Buffer.from(key, 'hex'));
    expect(hmac.ofBytes(Buffer.from(data, 'hex'))).toBe(digest);
  });

  it('agrees with node:crypto for texts of any length and script, in any order', () => {
    const hmac = new HmacSha256(bytes(3));
    const texts = ['', 'a', '订单-1', '🎁'.repeat(400), 'x'.repeat(5_000), 'a'];
    for (const text of texts) {
      expect(hmac.ofText(text)).toBe(createHmac('sha256', bytes(3)).update(text).digest('hex'));
    }
  });

  it('refuses a key longer than a block', () => {
    expect(() => new HmacSha256(new Uint8Array(65))).toThrow('key: expected at most 64 bytes, got 65');
  });
});

describe('tickets', () => {
  it('are the first 64 bits of the HMAC, and as text those bits in 16 hex digits', () => {
    const ticket = new TicketDrawer(bytes(1)).draw({ member: 'm', orderId: 'order-1' });
    const digest = createHmac('sha256', bytes(1)).update('m\0order-1').digest();
    expect(ticket).toBe(digest.readBigUInt64BE());
    expect(ticketText(ticket)).toBe(digest.toString('hex', 0, 8));
    expect(ticketText(5n)).toBe('0000000000000005');
  });

  it('depend on the member and the order id: two members with the same order id have different tickets', () => {
    const tickets = new TicketDrawer(bytes(1));
    expect(tickets.draw({ member: 'a', orderId: '1' })).not.toBe(tickets.draw({ member: 'b', orderId: '1' }));
    expect(tickets.draw({ member: 'a', orderId: 'b1' })).not.toBe(
      tickets.draw({ member: 'ab', orderId: '1' }),
    );
  });

  it('of format 1, which older draws keep, depend on the order id alone', () => {
    const digest = createHmac('sha256', bytes(1)).update('order-1').digest();
    const ticket = new TicketDrawer(bytes(1), 1).draw({ member: 'm', orderId: 'order-1' });
    expect(ticket).toBe(digest.readBigUInt64BE());
  });

  it('win below exactly floor(2^64 × win / in)', () => {
    expect(winningBelow({ win: 1, in: 1 })).toBe(2n ** 64n);
    expect(winningBelow({ win: 1, in: 2 })).toBe(2n ** 63n);
    expect(winningBelow({ win: 1, in: 3 })).toBe(6_148_914_691_236_517_205n);
    expect(winningBelow({ win: 999_999_999, in: 1_000_000_000 })).toBe(18_446_744_055_262_807_542n);
  });

  const ORDERS = 100_000;

  it.each([1, 2, 3, 4, 5])('are uniform: chi-square over 256 bins, seed %i', (fill) => {
    const BINS = 256;
    // The 99.9 % quantile of chi-square with 255 degrees of freedom.
    const CRITICAL = 330.52;
    const tickets = new TicketDrawer(bytes(fill));
    const counts = new Array<number>(BINS).fill(0);
    for (let i = 0; i < ORDERS; i++)
      counts[Number(tickets.draw({ member: 'm', orderId: `order-${i}` }) >> 56n)]! += 1;
    const mean = ORDERS / BINS;
    const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    expect(chiSquare).toBeLessThan(CRITICAL);
  });

  it.each([1, 2, 3, 4, 5])(
    'give 100,000 orders at odds of 1 in 100 a number of wins within the binomial 99.9 percent interval, seed %i',
    (fill) => {
      // Binomial(100,000, 0.01) is from 898 to 1,105 with a probability of 99.9 % (exact quantiles at 0.0005 and 0.9995).
      const tickets = new TicketDrawer(bytes(fill));
      const below = winningBelow({ win: 1, in: 100 });
      let wins = 0;
      for (let i = 0; i < ORDERS; i++)
        if (tickets.draw({ member: 'm', orderId: `order-${i}` }) < below) wins += 1;
      expect(wins).toBeGreaterThanOrEqual(898);
      expect(wins).toBeLessThanOrEqual(1_105);
    },
  );
});

describe('a draw', () => {
  it('commits to a secret by its SHA-256', () => {
    // SHA-256 of 32 zero bytes.
    expect(commitmentTo(bytes(0))).toBe('66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925');
    expect(() => commitmentTo(new Uint8Array(31))).toThrow('secret: expected 32 bytes, got 31');
  });

  it('makes the seed of a slot as the HMAC of index, root and randomness, which differs if one of these or the key does', () => {
    const slot = { index: 258, root: 'ab'.repeat(32), randomness: 'cd'.repeat(32) };
    const message = Buffer.from(`0000000000000102${slot.root}${slot.randomness}`, 'hex');
    expect(Buffer.from(slotSeed(bytes(1), slot))).toEqual(
      createHmac('sha256', bytes(1)).update(message).digest(),
    );
    const others = [{ index: 259 }, { root: 'ac'.repeat(32) }, { randomness: 'ce'.repeat(32) }];
    const seeds = [slot, ...others.map((change) => ({ ...slot, ...change }))].map((one) =>
      Buffer.from(slotSeed(bytes(1), one)).toString('hex'),
    );
    expect(new Set([...seeds, Buffer.from(slotSeed(bytes(2), slot)).toString('hex')]).size).toBe(5);
  });

  it('gives a member always the same pseudonym under one key, and another one under another key', () => {
    const pseudonyms = new Pseudonyms(bytes(1));
    expect(pseudonyms.of('member-1')).toBe(pseudonyms.of('member-1'));
    expect(pseudonyms.of('member-1')).toMatch(/^[0-9a-f]{20}$/);
    expect(pseudonyms.of('member-1')).not.toBe(new Pseudonyms(bytes(2)).of('member-1'));
  });
});
