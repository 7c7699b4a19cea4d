import { type ClockRate, MACHINE_RATE, shownAt } from './clock.ts';

/**
 * Makes `Date.now()`, `new Date()` and `Date()` in this process show another clock's time. Timers and `performance.now()` stay
 * the machine's. Call it before loading the code that uses that time. The returned function sets the clock's rate.
 */
export const installClock = (): ((rate: ClockRate) => void) => {
  const MachineDate = globalThis.Date;
  const machineNow = MachineDate.now.bind(MachineDate);
  let rate = MACHINE_RATE;
  const now = (): number => shownAt(rate, machineNow());
  const shown = new Proxy(MachineDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
  });
  globalThis.Date = shown;
  return (next) => {
    rate = next;
  };
};
