/** The part of an SDK client that is needed here. */
type Client = { readonly middlewareStack: { remove(name: string): boolean } };

/**
 * Makes a client of the SDK write no log of its calls. The step that would write it copies everything that was sent and answered,
 * even if nobody reads the log. Errors are still thrown, and the functions log those themselves.
 */
export const unlogged = <Sdk extends Client>(client: Sdk): Sdk => {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
};
