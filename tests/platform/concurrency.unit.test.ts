import { describe, expect, it } from 'vitest';
import { allOver, mapLimited } from '#platform/concurrency.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('bounded concurrency', () => {
  it('returns results in the order of the items, whichever finishes first', async () => {
    const results = await mapLimited([3, 1, 2], 3, async (turns) => {
      for (let turn = 0; turn < turns; turn++) await tick();
      return turns * 10;
    });
    expect(results).toEqual([30, 10, 20]);
  });

  it('works on as many items at a time as the limit allows, and never on more', async () => {
    let underWay = 0;
    let most = 0;
    await mapLimited(Array.from({ length: 20 }), 4, async () => {
      most = Math.max(most, ++underWay);
      await tick();
      underWay--;
    });
    expect(most).toBe(4);
  });

  it('starts no further item once one has failed, and rejects with that failure', async () => {
    const started: number[] = [];
    const work = mapLimited([0, 1, 2, 3, 4, 5], 2, async (item) => {
      started.push(item);
      await tick();
      if (item === 1) throw new Error('item 1');
    });
    await expect(work).rejects.toThrow('item 1');
    await tick();
    expect(started).toEqual([0, 1, 2]);
  });

  it('rejects only when everything that it has started is over, with the failure that came first', async () => {
    const over: number[] = [];
    const work = mapLimited([3, 1, 2, 4, 5], 4, async (turns) => {
      for (let turn = 0; turn < turns; turn++) await tick();
      over.push(turns);
      if (turns < 3) throw new Error(`after ${turns} turns`);
    });
    await expect(work).rejects.toThrow('after 1 turns');
    expect(over).toEqual([1, 2, 3, 4]);
  });

  it('rejects with whatever is thrown, even undefined', async () => {
    await expect(mapLimited([1, 2], 2, () => Promise.reject(undefined))).rejects.toBeUndefined();
  });

  it('has nothing to do without items', async () => {
    expect(await mapLimited([], 4, async () => 1)).toEqual([]);
  });
});

describe('several calls at once', () => {
  it('are all over before a failure is reported, which is that of the first failed call in the list', async () => {
    const over: number[] = [];
    const endAfter = async (turns: number): Promise<void> => {
      for (let turn = 0; turn < turns; turn++) await tick();
      over.push(turns);
      if (turns < 3) throw new Error(`after ${turns} turns`);
    };
    await expect(allOver([endAfter(3), endAfter(2), endAfter(1)])).rejects.toThrow('after 2 turns');
    expect(over).toEqual([1, 2, 3]);
    await allOver([endAfter(3), endAfter(4)]);
  });
});
