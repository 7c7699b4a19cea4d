/** Waits for all, even if one rejects, because everything that did start must be stopped. */
export const allOrNone = async <T extends readonly unknown[]>(
  ...promises: { [K in keyof T]: Promise<T[K]> }
): Promise<T> => {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as T;
};
