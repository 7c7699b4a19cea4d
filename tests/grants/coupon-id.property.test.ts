import { createHash, createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CouponIdKey, couponIdOf, isOwnCoupon, parseCouponId } from '#domain/grants/coupon-id.ts';
import { MAX_ID_LENGTH } from '#events/fields.ts';
import { makeLogger } from '#platform/log.ts';
import { linesOf } from '../support/log-lines.ts';

const MASTER_KEY = createHash('sha256').update('a text that Secrets Manager made').digest();
const keyOf = (campaignId: string): CouponIdKey => new CouponIdKey(MASTER_KEY, campaignId);

const campaignId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const text = fc.string({ minLength: 1, maxLength: 128 });
const name = fc.record({ campaignId, slot: fc.nat(99), member: text, trigger: text });

describe.each([
  ['keyed', keyOf],
  ['former', () => undefined],
] as const)('a %s coupon id', (form, keyIn) => {
  it('names its campaign and slot, fits into an order, and belongs to its own member and no other', () => {
    fc.assert(
      fc.property(name, text, (coupon, other) => {
        const key = keyIn(coupon.campaignId);
        const id = couponIdOf(coupon, key);
        expect(id.length).toBeLessThanOrEqual(Math.min(100, MAX_ID_LENGTH));
        const parsed = parseCouponId(id)!;
        expect(parsed).toMatchObject({
          campaignId: coupon.campaignId,
          slot: coupon.slot,
          isKeyed: form === 'keyed',
        });
        expect(isOwnCoupon(parsed, coupon.member, key)).toBe(true);
        expect(isOwnCoupon(parsed, other, key)).toBe(other === coupon.member);
      }),
    );
  });

  it('is never that of another member, slot or campaign', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const isSame =
          one.campaignId === other.campaignId && one.slot === other.slot && one.member === other.member;
        if (isSame) return;
        expect(couponIdOf(one, keyIn(one.campaignId))).not.toBe(couponIdOf(other, keyIn(other.campaignId)));
      }),
    );
  });
});

describe('a keyed coupon id', () => {
  it('equals the one that this test computes as docs/contract.md describes', () => {
    const key = createHmac('sha256', MASTER_KEY).update('coupon-ids\0double11').digest();
    const part = (field: string, of: string, chars: number): string =>
      createHmac('sha256', key).update(`${field}\0${of}`).digest('base64url').slice(0, chars);
    const coupon = { campaignId: 'double11', slot: 3, member: '会员-1', trigger: 'AAAAAAAAAAAAAAAA' };
    expect(couponIdOf(coupon, keyOf('double11'))).toBe(
      `double11.coupon.03.${part('member', coupon.member, 16)}.${part('cause', coupon.trigger, 8)}`,
    );
  });

  it('names what caused it', () => {
    fc.assert(
      fc.property(name, text, (coupon, trigger) => {
        const key = keyOf(coupon.campaignId);
        const isSame = couponIdOf({ ...coupon, trigger }, key) === couponIdOf(coupon, key);
        expect(isSame).toBe(trigger === coupon.trigger);
      }),
    );
  });

  it('does not match even its own member without the key, or with the key of another campaign or stack', () => {
    const coupon = { campaignId: 'sale', slot: 0, member: 'm1', trigger: 'presale' };
    const parsed = parseCouponId(couponIdOf(coupon, keyOf('sale')))!;
    const others = [keyOf('sale-2'), new CouponIdKey(createHash('sha256').digest(), 'sale'), undefined];
    for (const key of others) expect(isOwnCoupon(parsed, 'm1', key)).toBe(false);
  });

  it('is not read as a former id by the previous version, and no former id is read as a keyed one', () => {
    const formerTail = /^\.(\d\d)\.([\w-]{12})$/;
    fc.assert(
      fc.property(name, (coupon) => {
        expect(formerTail.test(couponIdOf(coupon, keyOf(coupon.campaignId)).slice(-16))).toBe(false);
        expect(parseCouponId(couponIdOf(coupon, undefined))!.isKeyed).toBe(false);
      }),
    );
  });

  it('shows nothing of its key in a log line, in JSON or in an error', () => {
    const campaign = { campaignId: 'sale', idKey: keyOf('sale') };
    const logger = makeLogger({ serviceName: 'zhihui' });
    const lines = linesOf(logger);
    logger.error('failed', { campaign, error: new Error('failed', { cause: campaign }) });
    expect(lines).toHaveLength(1);
    lines.push(JSON.stringify(campaign), inspect(campaign, { depth: 9, showHidden: true }));
    const key = createHmac('sha256', MASTER_KEY).update('coupon-ids\0sale').digest();
    for (const secret of [MASTER_KEY, key]) {
      for (const form of [secret.toString('hex'), secret.toString('base64'), [...secret].join()]) {
        expect(lines.join('\n')).not.toContain(form.slice(0, 12));
      }
    }
  });
});

it('a coupon id that commit 683ad3a made is read as before', () => {
  const id = 'sale.2026.01.Ow_DPvkRQhK6';
  const parsed = parseCouponId(id)!;
  expect(parsed).toEqual({ campaignId: 'sale.2026', slot: 1, memberHash: 'Ow_DPvkRQhK6', isKeyed: false });
  for (const key of [undefined, keyOf('sale.2026')]) expect(isOwnCoupon(parsed, 'm1', key)).toBe(true);
  expect(isOwnCoupon(parsed, 'm2', undefined)).toBe(false);
});

it('no coupon id is read out of any other text', () => {
  for (const other of [
    '',
    'c1',
    '.01.abcdefghijkl',
    'sale.1.abcdefghijkl',
    'sale.01.abcdefghijk',
    'sale.01.abc/efghijkl',
    '.coupon.01.abcdefghijklmnop.abcdefgh',
    'sale.coupon.1.abcdefghijklmnop.abcdefgh',
    'sale.free.01.abcdefghijklmnop.abcdefgh',
    'sale.coupon.01.abcdefghijklmno.abcdefgh',
    'sale.coupon.01.abcdefghijklmnop.abcdefg',
  ]) {
    expect(parseCouponId(other), other).toBeUndefined();
  }
});
