/** How a long-running command ends early. */

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const SIGNAL_ECHO_MS = 500;
const EXIT_INTERRUPTED = 130;

/**
 * The first Ctrl-C (or other stop signal) ends the run cleanly; the second ends the process at once. A signal right after the
 * first one does not count: npm passes the signal on to its script, which has already received it from the terminal.
 */
const listenForSignals = (): { signal: AbortSignal; close: () => void } => {
  const controller = new AbortController();
  let firstMs = 0;
  const onSignal = (): void => {
    const nowMs = performance.now();
    if (!controller.signal.aborted) {
      firstMs = nowMs;
      controller.abort();
    } else if (nowMs - firstMs > SIGNAL_ECHO_MS) {
      process.exit(EXIT_INTERRUPTED);
    }
  };
  for (const name of STOP_SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    close: () => {
      for (const name of STOP_SIGNALS) process.off(name, onSignal);
    },
  };
};

/** Calls `run` with an AbortSignal that the first Ctrl-C aborts, so that `run` can end cleanly. */
export const interruptible = async <Result>(
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const { signal, close } = listenForSignals();
  try {
    return await run(signal);
  } finally {
    close();
  }
};

export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
