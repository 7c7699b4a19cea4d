import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startClock } from '#local/aws/clock.ts';
import type { Outcome } from '#local/aws/handler-worker.ts';
import { startSchedule, unreliableTicks } from '#local/aws/schedule.ts';
import type { Schedule } from '#local/aws/template.ts';

const schedule = (input?: unknown): Schedule => ({
  arn: 'arn:aws:events:us-east-1:000000000000:rule/Tick',
  function: {} as Schedule['function'],
  everySeconds: 60,
  input,
});

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 11, 12, 0, 0) });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a function on a schedule', () => {
  it('is called at the end of each interval, with EventBridge’s event', async () => {
    const events: unknown[] = [];
    const invoke = async (event: unknown): Promise<Outcome> => {
      events.push(event);
      return { ok: true, response: undefined };
    };
    const runner = startSchedule(schedule(), { invoke });
    await vi.advanceTimersByTimeAsync(59_999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(120_001);
    expect(events.length).toBe(3);
    expect(events[0]).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: '2026-11-11T12:01:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/Tick'],
      detail: {},
    });
    runner.stop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(events.length).toBe(3);
  });

  it('is not called while its last call still runs', async () => {
    const last = Promise.withResolvers<Outcome>();
    const invoke = vi.fn(() => last.promise);
    const runner = startSchedule(schedule({ tick: true }), { invoke });
    await vi.advanceTimersByTimeAsync(180_000);
    expect(invoke.mock.calls).toEqual([[{ tick: true }]]);
    last.resolve({ ok: false, error: 'boom' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(invoke).toHaveBeenCalledTimes(2);
    runner.stop();
  });

  it('is called at the rate of a clock that goes faster, first one interval after the clock was set', async () => {
    const times: string[] = [];
    const invoke = async (event: unknown): Promise<Outcome> => {
      times.push((event as { time: string }).time);
      return { ok: true, response: undefined };
    };
    const clock = startClock();
    const runner = startSchedule(schedule(), { invoke }, clock);
    await vi.advanceTimersByTimeAsync(59_000);
    clock.set(Date.UTC(2026, 10, 10, 16), 60);
    await vi.advanceTimersByTimeAsync(999);
    expect(times).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(times).toEqual(['2026-11-10T16:01:00Z', '2026-11-10T16:02:00Z']);
    runner.stop();
    clock.set(Date.UTC(2026, 10, 10, 18), 60);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(times.length).toBe(2);
  });

  it('may lose a tick or double it at random', async () => {
    const chances = [0.05, 0.15, 0.5, 0.999];
    const ticks = unreliableTicks(() => chances.shift() ?? 0);
    const called: number[] = [];
    const invoke = vi.fn(async (): Promise<Outcome> => ({ ok: true, response: undefined }));
    const runner = startSchedule(schedule(), { invoke }, startClock(), ticks);
    for (let minute = 0; minute < 4; minute += 1) {
      await vi.advanceTimersByTimeAsync(60_000);
      called.push(invoke.mock.calls.length);
    }
    expect(called).toEqual([0, 2, 3, 4]);
    runner.stop();
  });
});
