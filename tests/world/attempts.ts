/** The pause after attempt n is this, doubled n times. */
const PAUSE_UNIT_MS = 100;
/** Errors that the SDK retries, because a later attempt may succeed (standard retry mode). */
const TRANSIENT = new Set([
  'InternalServerError',
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'TimeoutError',
]);

type Send = (command: unknown) => Promise<unknown>;

/**
 * A client that makes up to `attempts` attempts of a call that fails because of the service, with growing pauses, as the SDK's
 * clients do.
 */
export const withAttempts = <Client extends { send: unknown }>(
  client: Client,
  attempts: number,
  wait: (ms: number) => Promise<unknown>,
): Client => {
  if (attempts === 1) return client;
  const send: Send = async (command) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (client.send as Send)(command);
      } catch (error) {
        if (attempt === attempts || !TRANSIENT.has((error as Error).name)) throw error;
        await wait(PAUSE_UNIT_MS * 2 ** attempt);
      }
    }
  };
  return { ...client, send };
};
