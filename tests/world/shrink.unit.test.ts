import { describe, expect, it } from 'vitest';
import { type Cut, keeping, noting, shrunk } from './shrink.ts';
import { paid } from './workload/events.ts';
import type { Workload } from './workload/workload.ts';

const EVENTS = Array.from({ length: 100 }, (_, i) => `e${i}`);
const WHOLE: Cut = { faults: ['crash', 'slow', 'stale', 'zombie'], events: EVENTS };

/** A run that fails if it has these faults and these events. */
const needing =
  (faults: readonly string[], events: readonly string[]) =>
  async (cut: Cut): Promise<boolean> =>
    faults.every((fault) => cut.faults.includes(fault as never)) &&
    events.every((event) => cut.events.includes(event));

describe('a failing run', () => {
  it('shrinks to the faults and events that it needs to fail', async () => {
    const least = await shrunk(WHOLE, needing(['slow'], ['e3', 'e98']), 1_000);
    expect(least).toEqual({ faults: ['slow'], events: ['e3', 'e98'] });
    expect(await shrunk(WHOLE, needing([], []), 1_000)).toEqual({ faults: [], events: [] });
  });

  it('shrinks to the smallest failing run found so far when no further runs are allowed', async () => {
    let runs = 0;
    const fails = needing(['slow'], ['e3', 'e98']);
    const counted = (cut: Cut): Promise<boolean> => {
      runs++;
      return fails(cut);
    };
    const least = await shrunk(WHOLE, counted, 12);
    expect(runs).toBe(12);
    expect(await fails(least)).toBe(true);
    expect(least.events.length).toBeLessThan(EVENTS.length);
  });
});

describe('a cut workload', () => {
  const order = (id: string) => paid({ id, timeMs: 0, order: id, member: 'm', fen: 1 });
  const workload: Workload = {
    name: 'three',
    startMs: 0,
    endMs: 1,
    start: (stage) => {
      stage.send([order('a'), order('b')], 0);
      stage.send(order('c'), 0);
      stage.send('{', 0);
    },
  };

  const sentBy = ({ start }: Workload): unknown[] => {
    const sent: unknown[] = [];
    start({
      scheduler: { nowMs: 0, at: () => {} },
      send: (body) => sent.push(body),
      onGrant: () => {},
      redrive: () => {},
    });
    return sent;
  };

  it('sends the events that are kept, and leaves out messages of which no event is kept', () => {
    const keys = new Set<string>();
    expect(sentBy(noting(workload, keys))).toEqual(sentBy(workload));
    expect([...keys]).toEqual(['/shop/orders a', '/shop/orders b', '/shop/orders c', '"{"']);
    expect(sentBy(keeping(workload, keys))).toEqual(sentBy(workload));
    expect(sentBy(keeping(workload, new Set(['/shop/orders b', '"{"'])))).toEqual([[order('b')], '{']);
  });
});
