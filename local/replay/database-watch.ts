import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 1_000;
const ANSWER_MS_MAX = 5_000;
/** One refusal may be a full backlog; a database that is gone refuses every time. */
const MISSES_MAX = 2;

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ANSWER_MS_MAX });
    const end = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
    socket.once('timeout', end(false));
  });

/**
 * Looks once a second whether a database still takes connections; rejects with an error that names it as soon as it does not
 * for the second time, long before the retries of everything that uses it come to their ends.
 */
export const watchDatabase = (
  endpoint: string,
  everyMs = LOOK_EVERY_MS,
): { lost: Promise<never>; stop: () => void } => {
  const { hostname, port, protocol } = new URL(endpoint);
  const portNumber = Number(port) || (protocol === 'https:' ? 443 : 80);
  const aborter = new AbortController();
  const { signal } = aborter;
  const look = async (): Promise<never> => {
    let misses = 0;
    while (misses < MISSES_MAX) {
      // A watch that is stopped never settles: nobody asks for it any more.
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => new Promise(() => {}));
      misses = (await answers(hostname, portNumber)) ? 0 : misses + 1;
    }
    throw new Error(
      `database: expected it to answer at ${endpoint}, got no connection; what was not folded in is lost`,
    );
  };
  const lost = look();
  // Whoever races against it hears of it; nobody else has to.
  lost.catch(() => {});
  return { lost, stop: () => aborter.abort() };
};
