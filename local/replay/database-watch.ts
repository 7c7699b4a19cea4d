/** Notices that the database of a run is gone. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 1_000;
const ANSWER_MS_MAX = 5_000;
/** One refused connection may mean that the backlog is full; a database that is gone refuses every time. */
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
 * Checks once a second whether a database still takes connections. After the second failure in a row, `lost` rejects with an
 * error that names the database's endpoint, long before the retries of its users end.
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
      // A stopped watch never settles, because nobody waits for it any more.
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => new Promise(() => {}));
      misses = (await answers(hostname, portNumber)) ? 0 : misses + 1;
    }
    throw new Error(
      `database: expected it to answer at ${endpoint}, got no connection; events that were not counted yet are lost`,
    );
  };
  const lost = look();
  // A caller may wait for `lost` only later or not at all, so mark its rejection as handled here.
  lost.catch(() => {});
  return { lost, stop: () => aborter.abort() };
};
