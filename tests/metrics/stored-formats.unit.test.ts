import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packBlocks, unpackBlock } from '#domain/metrics/block.ts';
import { packMilestones, unpackMilestones } from '#domain/metrics/rollup/milestones-codec.ts';
import { appendInto, rowOfEvents } from '#domain/metrics/rollup/row.ts';
import { packRowParts, unpackRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { decompress } from '#platform/compression.ts';

/**
 * Bytes that were written in November 2026. They must stay readable while anything that was written then may be in a table. A
 * change of the format adds a version, and a fixture beside these.
 */
const BLOCK_4 = {
  id: 'OKjgqCW8fi9LImBK9UenEo',
  body: 'BAbhmUF/qtFVnMjOfDzAt6aP/eulBgd79aMxDbdqFTl2EnD4l/sxDbdqFTl2EnD4l/tZK5+4ClSS9vciuA8x/Iex1Pa0pZ01HHJjFSxIzEzRz0tNLNJPzs8rKcrP4QeLpCUW6afmpWfmpXLA+PypOZnpmUk5qVAJ4aLUtNK8lFRkxSycL7o2vli6/+naCayJBQU5qSwFqYlFDA1LLq6aY/KIc58oA8N7PQZGJiZmFgZGRiZmxjW+OxP2sO5lZVgpxMjIyLjgYTqIYmRmbPwg0tic2nqOq/UcV+N88YMd8geXpjY2p76Y8+dGwfQjE84qMTAwgGkA',
};
/** The same events in the next version, in which a block also says when each event was sent. */
const BLOCK_5 = {
  id: 'ajoFWwIeG36NBV0Yh52fiB',
  body: 'BQbhmUF/qtFVnMjOfDzAt6aP/eulBgd79aMxDbdqFTl2EnD4l/sxDbdqFTl2EnD4l/tZK5+4ClSS9vciuA8x/Iex1Pa0pZ01HHJjFSxIzEzRz0tNLNJPzs8rKcrP4QeLpCUW6afmpWfmpXLA+PypOZnpmUk5qVAJ4aLUtNK8lFRkxSycL7o2vli6/+naCayJBQU5qSwFqYlFDA1LLq6aY/KIc58oA8N7PQZGJiZmFgZGRiZmxjW+OxP2sO5lZVgpxMjIyLjgYTqIYmRmbPwg0tic2nqOq/UcV+N88YMd8geXpjY2p76Y8+dGwfQjE84qMTAwgOllvEyX+E8xMpzlBwA=',
};
/** The row of the base window of `BLOCK_4`. */
const WINDOW_ROW_3 =
  'Y+7/dHHVHBNGVv7UnMz0zKScVP3UvPTMvFSOgsTMFP20xCJ+GAMqIQjm56UmFukn5+eVFOXnCBelppXmpaQiq1rwMJ2RkZGRYQ/rzoQ1viuFmFgTCwpyUjlfdG18sXT/07UTmBi/pq7xZWRYKcTAwMDMAbOduXG++IGX7A1z3VhA9jC3nuP6s5CrYXIAB8wSxsbmVCZ2qNUNIMDI+GLOnxsFTDdmMbJBbIcKTz8y4awS04I5jD8WMDIAAA==';
/** The row of that window merged with a later one that has a refund, with the series of both. */
const HOUR_ROW_3 =
  'Yz7RcHXVHBNGNv7UnMz0zKScVP3UvPTMvFSOgsTMFP20xCJ+GAMqIQjm56UmFukn5+eVFOXnCBelppXmpaQiqxKFiyGrXPAwnREEGPaw7kxY47tSqIWdiTWxoCAnlfNF18YXS/c/XTuBifFr6hpfRkaQJEMLOzMHzGHMjfPFD7xkb5jrxgJyAnPrOa4/C7kaJgdwwOxiavwg0jA5gIkdal0DCDAyvpjz50YB04UeRjaI26DC049MOKvEtGAO448FjEwNSy6ummPy4AozM8OHg0ztfAwMAA==';
/** The same rows in version 4. */
const WINDOW_ROW_4 =
  'KLUv/SDrNQYAZAoEj/LRqpw0AQUPZWxpZ2libGUvZW5naW5lCHBhaWQvZmFyDxFuZWFyL2NvbnRyb2wTcmVmdW5kZaDhZwEBAQEAvAW5YKxNqRICBQMOYXBwbGXoirHopb/lrZACAfVlrE0BAKkSAAAAAwgDgZ8XwOkHgJ1GBHBhaWQDhc4K/KEKgJNQCAGBg2UCB4ABAeic/NhwAtiaAQaAAQGXxJDNIgKgnAH4oAEACwA5AQTfJB7uH7mYBhkhMGSTykWqdoEQnhmMRHkC';
const HOUR_ROW_4 =
  'KLUv/WAbABUHAJQLBMiA1aqcNAEGD2VsaWdpYmxlL2VuZ2luZQhwYWlkL2Zhcg8RbmVhci9jb250cm9sE3JlZnVuZGUVoOFnAQC8BblgrE2pEoQHAgUDDmFwcGxl6Iqx6KW/5a2QAgH1ZaxNAQEAhAcDCAOBnxfA6QeAnUYEcGFpZAOFzgr8oQqAk1AIAoHwFICTUAIHgAEB6Jz82HAC0IwBBoABAZfEkM0iAqCcAfigAQKApNGqnDTg1AMDAPDBAocOAAAPADkBfN8kHm7H8hEOMjqGXoMKgguyKR43yyWVgVSNgTieOYxEeQI=';
/**
 * A block and a row with orders of stores. Their versions are the same as without stores, because the stores
 * come at the end of the bytes.
 */
const STORES_BLOCK_5 = {
  id: 'cWxBHYXuugWWDA3Qu6qTca',
  body: 'BQX4Nn7K3NBKwODfYEQex1x2T7pISJYiuENkiwNBo1ZGUSVwZivaq5WoWaMkV2TYgQojf/v5Z+zVN9pYh8pj5ixIzEzRz0tNLOIAs9ISi3iLUtNK81JSIcKMrIkFBTmpDUsurppjwsXFxcXAyMQAAR3qLewbOBewrWFihIPG5lRkBFYnICQiJsHMXlySX5Sqa87A9nL6iqe7pjMwMjAxAgA=',
};
const STORES_ROW_4 =
  'KLUv/SCDzQMAhAYEqKTRqpw0AAMIcGFpZC9mYXIJbmVhcg1yZWZ1bmRlAQMBhAfUL7AJAQUFYXBwbGUE2DYBsAkAAgQBgYNlCACoLQABrAIAAgcCDXN0b3JlLTfpl6jlupcBAYgnoAawCQABAawCrAIAAAUAMAOYirRUhRFzaF7FDg==';
const MILESTONES_1 = 'ASUA2v8BApDy0aqcNODUAwVhcHBsZQnoirHopb/lrZAACEFiQ2QxMjM0';

const T0_MS = Date.UTC(2026, 10, 10, 12);

const bytesOf = (base64: string): Uint8Array => Buffer.from(base64, 'base64');
const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('a block of version 4', () => {
  const events = unpackBlock(bytesOf(BLOCK_4.body));

  it('is read with every field of its events', () => {
    expect(events.map(({ label, brand, amountFen, count }) => [label, brand, amountFen, count])).toEqual([
      ['paid/near/control', '花西子', 9_900, 1],
      ['paid/far/engine', 'apple', 12_345, 1],
      ['paid/far', 'apple', 700, 1],
      ['paid/far', 'pear', 701, 1],
      ['eligible/engine', '', 0, 1_700_000],
      ['refunded/far/engine', 'apple', 2_345, 1],
    ]);
    expect(events.map(({ timeMs }) => timeMs - T0_MS)).toEqual([0, 1_250, 4_000, 4_000, 4_000, 9_999]);
    expect(events[4]!.contributions).toEqual([380_801, 508_993, 1_659_585]);
    expect(events[1]!.memberHash).toBe(9_288_557_079);
    expect(events[2]!.id).toBe(events[3]!.id);
  });

  it('does not know when its events were sent', () => {
    expect(events.map(({ sentMs }) => sentMs)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('a block of version 5', () => {
  const events = unpackBlock(bytesOf(BLOCK_5.body));

  it('says when the same events were sent, whether before or after their own time', () => {
    const withoutSent = events.map((event) => ({ ...event, sentMs: 0 }));
    expect(withoutSent).toEqual(unpackBlock(bytesOf(BLOCK_4.body)));
    const sent = events.map(({ sentMs }) => sentMs && sentMs - T0_MS);
    expect(sent).toEqual([850, 1_250, 5_000, 4_100, 0, 9_000]);
  });

  it('is written again byte for byte, in whatever order its events come', () => {
    const [block] = packBlocks(events.toReversed());
    expect({ id: block!.id, body: base64Of(block!.body) }).toEqual(BLOCK_5);
  });

  it('is added up with one of version 4, whose events count as sent earlier', () => {
    const former = unpackBlock(bytesOf(BLOCK_4.body));
    const fen = (all: typeof events) => rowOfEvents(all).tallies.get('paid/far')!.fen;
    expect([fen(events), fen(former), fen([...events, ...former])]).toEqual([701, 700, 700]);
  });
});

/** What a row of the fixtures says, of whichever version. */
const figuresOf = (body: string) => {
  const { samples, sketches, ...row } = unpackRowParts([bytesOf(body)]);
  return {
    ...row,
    samples: [...samples].map(([arm, sample]) => [arm, sample.bound, sample.entries()]),
    sketches: [...sketches].map(([head, sketch]) => [head, [...sketch.contributions()]]),
  };
};

describe('a row of version 3', () => {
  it.each([
    [WINDOW_ROW_3, WINDOW_ROW_4],
    [HOUR_ROW_3, HOUR_ROW_4],
  ])('says what the same row of version 4 says', (former, body) => {
    expect(figuresOf(former)).toEqual(figuresOf(body));
  });

  it('is merged with a row of version 4 just as the same row of version 4 is', () => {
    const [former, today] = [WINDOW_ROW_3, WINDOW_ROW_4].map((body) => {
      const merged = unpackRowParts([bytesOf(body)]);
      appendInto(merged, unpackRowParts([bytesOf(HOUR_ROW_4)]));
      return base64Of(packRowParts(merged)[0]!);
    });
    expect(former).toBe(today);
  });
});

describe('a row of version 4', () => {
  it.each([WINDOW_ROW_4, HOUR_ROW_4])('is read and written again byte for byte', (body) => {
    const again = packRowParts(unpackRowParts([bytesOf(body)]))[0]!;
    expect(base64Of(decompress(again))).toBe(base64Of(decompress(bytesOf(body))));
  });

  it('is what its block adds up to', () => {
    expect(base64Of(packRowParts(rowOfEvents(unpackBlock(bytesOf(BLOCK_4.body))))[0]!)).toBe(
      base64Of(packRowParts(unpackRowParts([bytesOf(WINDOW_ROW_4)]))[0]!),
    );
  });

  it('is read if a runtime without zstd has written it', () => {
    const deflated = deflateRawSync(decompress(bytesOf(HOUR_ROW_4)));
    expect(unpackRowParts([deflated])).toEqual(unpackRowParts([bytesOf(HOUR_ROW_4)]));
  });

  it('has the figures that it was written with', () => {
    const row = unpackRowParts([bytesOf(HOUR_ROW_4)]);
    expect(row.conflicts).toBe(1);
    expect(row.tallies.get('eligible/engine')).toEqual({ count: 1_700_000, fen: 0 });
    expect(row.brands.get('花西子')).toEqual({
      orders: 1,
      grossFen: 9_900,
      refunds: 1,
      refundedFen: 900,
      peakFen: 9_900,
    });
    expect(row.series).toEqual([
      { startMs: T0_MS, orders: 3, netFen: 20_600, peakFen: 20_600 },
      { startMs: T0_MS + 60_000, orders: 0, netFen: -900, peakFen: 0 },
    ]);
    expect(row.samples.get('engine')!.members()).toEqual([{ orders: 1, netFen: 10_000 }]);
  });

  it('is refused if its version is unknown', () => {
    expect(() => unpackRowParts([deflateRawSync(Uint8Array.of(99))])).toThrow(
      'row version: expected 3 or 4, got 99',
    );
  });
});

describe('a block of version 5 and a row of version 4 with stores', () => {
  const events = unpackBlock(bytesOf(STORES_BLOCK_5.body));

  it('are read and written again byte for byte', () => {
    expect(events.map(({ label, amountFen, store }) => [label, amountFen, store]).toSorted()).toEqual([
      ['paid/far', 900, ''],
      ['paid/near', 300, ''],
      ['paid/near', 5_000, 'store-7'],
      ['paid/near', 800, '门店'],
      ['refunded/near', 1_200, 'store-7'],
    ]);
    const [block] = packBlocks(events.toReversed());
    expect({ id: block!.id, body: base64Of(block!.body) }).toEqual(STORES_BLOCK_5);
    expect(base64Of(packRowParts(rowOfEvents(events))[0]!)).toBe(
      base64Of(packRowParts(unpackRowParts([bytesOf(STORES_ROW_4)]))[0]!),
    );
  });

  it('know what each store sold, and what may be of any store', () => {
    const { stores, leftOut } = unpackRowParts([bytesOf(STORES_ROW_4)]).stores;
    const missing = { orders: 1, grossFen: 300, refundedFen: 0 };
    expect([...stores]).toEqual([
      ['store-7', { known: { orders: 1, grossFen: 5_000, refundedFen: 1_200 }, missing }],
      ['门店', { known: { orders: 1, grossFen: 800, refundedFen: 0 }, missing }],
    ]);
    expect(leftOut).toEqual(missing);
  });

  it('can be appended to a row without stores, whose near orders may be of any store', () => {
    const merged = unpackRowParts([bytesOf(WINDOW_ROW_4)]);
    appendInto(merged, unpackRowParts([bytesOf(STORES_ROW_4)]));
    const missing = { orders: 2, grossFen: 9_900 + 300, refundedFen: 0 };
    expect(merged.stores.stores.get('store-7')!.missing).toEqual(missing);
    expect(merged.stores.leftOut).toEqual(missing);
  });
});

describe('milestones of version 1', () => {
  it('are read and written again byte for byte', () => {
    const milestones = unpackMilestones(bytesOf(MILESTONES_1));
    expect(milestones).toEqual([
      { brand: 'apple', atMs: T0_MS + 10_000, proof: '' },
      { brand: '花西子', atMs: T0_MS + 70_000, proof: 'AbCd1234' },
    ]);
    expect(base64Of(packMilestones(milestones))).toBe(MILESTONES_1);
  });

  it('are refused before memory is taken for them if their count is more than the bytes can hold', () => {
    const damaged = deflateRawSync(Uint8Array.of(1, 0xff, 0xff, 0xff, 0x7f, 0));
    expect(() => unpackMilestones(damaged)).toThrow(
      'count: expected at most 1 for the bytes left, got 268435455',
    );
  });
});
