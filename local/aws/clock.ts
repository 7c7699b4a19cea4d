/**
 * The current rate of a clock: when the machine's clock shows `machineMs`, this clock shows `shownMs`, and it
 * runs `speed` times as fast as the machine's. Both times are in ms since 1970.
 */
export type ClockRate = {
  readonly machineMs: number;
  readonly shownMs: number;
  readonly speed: number;
};

/** The rate of a clock that shows the machine's own time. */
export const MACHINE_RATE: ClockRate = { machineMs: 0, shownMs: 0, speed: 1 };

/** What a clock of this rate shows at a machine time, in whole ms. */
export const shownAt = ({ machineMs, shownMs, speed }: ClockRate, atMachineMs: number): number =>
  Math.floor(shownMs + (atMachineMs - machineMs) * speed);

/**
 * The clock of the functions in a local run. Everything that the functions see uses it: their `Date`, their deadlines, the
 * times at which they are called, and the times at which messages were sent. The machinery around them does not: batching
 * windows, visibility timeouts, delays and the timeouts that kill a process keep their real length.
 */
export type Clock = {
  readonly rate: ClockRate;
  /** What it shows now, in ms since 1970. */
  now(): number;
  /** What it shows at a machine time, as if it had always run at its present rate. */
  at(machineMs: number): number;
  /** Sets it to this time now, and lets it run from there at this speed. */
  set(shownMs: number, speed: number): void;
  /** Calls the listener each time the clock is set, until the returned function is called. */
  onSet(listener: () => void): () => void;
};

const SPEED_MAX = 3_600;

/** A clock that shows the machine's time until it is set. */
export const startClock = (machineNow: () => number = () => Date.now()): Clock => {
  let rate = MACHINE_RATE;
  const listeners = new Set<() => void>();
  return {
    get rate() {
      return rate;
    },
    now: () => shownAt(rate, machineNow()),
    at: (machineMs) => shownAt(rate, machineMs),
    set(shownMs, speed) {
      if (!(speed > 0 && speed <= SPEED_MAX)) {
        throw new Error(`speed: expected a number above 0 and up to ${SPEED_MAX}, got ${speed}`);
      }
      rate = { machineMs: machineNow(), shownMs, speed };
      for (const listener of listeners) listener();
    },
    onSet(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
