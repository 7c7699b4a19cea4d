/** Notes whether the beacon's relays can be reached. */

const FIRST_SERVER_ERROR_STATUS = 500;

/**
 * A `fetch` that notes whether relays answer. "This round does not exist yet" counts as an answer. A failed connection, a
 * timeout and a server error do not.
 */
export const watchedRelays = (get: typeof fetch) => {
  let answered = 0;
  let failed = 0;
  const watched: typeof fetch = async (input, init) => {
    try {
      const response = await get(input, init);
      if (response.status < FIRST_SERVER_ERROR_STATUS) answered++;
      else failed++;
      return response;
    } catch (cause) {
      failed++;
      throw cause;
    }
  };
  return {
    fetch: watched,
    /** Whether relays were asked since the last call, and none of them answered. */
    takeUnreachable: (): boolean => {
      const isUnreachable = failed > 0 && answered === 0;
      answered = 0;
      failed = 0;
      return isUnreachable;
    },
  };
};
