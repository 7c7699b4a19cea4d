/**
 * How a clock goes for the time being: at `machineMs` of the machine's clock it shows `shownMs`, and it runs `speed` times
 * as fast. Both in ms since 1970.
 */
export type ClockRate = {
  readonly machineMs: number;
  readonly shownMs: number;
  readonly speed: number;
};

/** The rate of a clock that shows the machine's own time. */
export const MACHINE_RATE: ClockRate = { machineMs: 0, shownMs: 0, speed: 1 };

/** What a clock of this rate shows at a time of the machine, in whole ms. */
export const shownAt = ({ machineMs, shownMs, speed }: ClockRate, atMachineMs: number): number =>
  Math.floor(shownMs + (atMachineMs - machineMs) * speed);

/**
 * The time that the functions of a local run live in. What only they see goes by it (their `Date`, the deadlines they are
 * told, the times at which they are called, when a message was sent); what keeps the machine going does not: batching windows,
 * visibility timeouts, delays and the timeouts by which a process is killed stay as long as they are.
 */
export type Clock = {
  readonly rate: ClockRate;
  /** What it shows now, in ms since 1970. */
  now(): number;
  /** What it shows at a time of the machine, as if it had always gone at its present rate. */
  at(machineMs: number): number;
  /** Makes it show this time now, and go on from there at this speed. */
  set(shownMs: number, speed: number): void;
  /** Calls the listener after each setting, until the function that it gives is called. */
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
