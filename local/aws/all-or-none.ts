/** Waits until all have ended, even if one rejects: only then does the caller know everything that it must stop. */
export const allOrNone = async <T extends readonly unknown[]>(
  ...promises: { [K in keyof T]: Promise<T[K]> }
): Promise<T> => {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as T;
};
