import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, startClock } from '#local/aws/clock.ts';
import { installClock } from '#local/aws/process-clock.ts';
import { toSqsRecord } from '#local/aws/sqs-record.ts';

const MachineDate = globalThis.Date;
afterEach(() => {
  globalThis.Date = MachineDate;
});

const SALE_MS = MachineDate.UTC(2026, 10, 10, 16);

const clockAt = (machineMs: { now: number }): Clock => startClock(() => machineMs.now);

describe('the clock of a local run', () => {
  it('shows the machine’s time until it is set', () => {
    const machine = { now: 1_000 };
    const clock = clockAt(machine);
    expect(clock.now()).toBe(1_000);
    machine.now = 5_000;
    expect(clock.now()).toBe(5_000);
  });

  it('runs on from the time it is set to, at the speed it is set to', () => {
    const machine = { now: 1_000 };
    const clock = clockAt(machine);
    clock.set(SALE_MS, 60);
    expect(clock.now()).toBe(SALE_MS);
    machine.now += 1_500;
    expect(clock.now()).toBe(SALE_MS + 90_000);
    expect(clock.at(machine.now - 1_000)).toBe(SALE_MS + 30_000);
    clock.set(clock.now(), 1);
    machine.now += 7;
    expect(clock.now()).toBe(SALE_MS + 90_007);
  });

  it.each([0, -1, Number.NaN, 3_601])('refuses the speed %s', (speed) => {
    expect(() => startClock().set(0, speed)).toThrow(/^speed: expected a number above 0 and up to 3600, got/);
  });

  it('tells a function when its messages were sent', () => {
    const machine = { now: 10_000 };
    const clock = clockAt(machine);
    clock.set(SALE_MS, 60);
    const { attributes } = toSqsRecord(
      { Attributes: { SentTimestamp: '9000', SenderId: 'x', ApproximateReceiveCount: '1' } },
      'arn:aws:sqs:us-east-1:000000000000:q',
      clock,
    );
    expect(attributes).toEqual({
      SentTimestamp: String(SALE_MS - 60_000),
      SenderId: 'x',
      ApproximateReceiveCount: '1',
    });
  });
});

describe('a process with another clock', () => {
  it('sees the time of that clock where it reads the present time, and nowhere else', () => {
    const setClock = installClock();
    setClock({ machineMs: MachineDate.now(), shownMs: SALE_MS, speed: 0.001 });
    expect(Date.now()).toBe(SALE_MS);
    expect(new Date().toISOString()).toBe('2026-11-10T16:00:00.000Z');
    expect(Date()).toBe(new MachineDate(SALE_MS).toString());
    expect(new Date(5).getTime()).toBe(5);
    expect(new Date(2026, 0, 2).getTime()).toBe(new MachineDate(2026, 0, 2).getTime());
    expect(Date.parse('1970-01-01T00:00:01Z')).toBe(1_000);
    expect(new Date()).toBeInstanceOf(Date);
    expect(new MachineDate(0)).toBeInstanceOf(Date);
  });
});
