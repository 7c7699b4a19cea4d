/** Near stores: those that take part in the free-order promotion, and the others. */

const PARTICIPATING = 300;
const QUIET = 100;

const nameOf = (kind: string, n: number): string => `${kind}-${String(n + 1).padStart(3, '0')}`;

export const participatingStore = (n: number): string => nameOf('store', n % PARTICIPATING);
export const quietStore = (n: number): string => nameOf('shop', n % QUIET);

export const participatingStores = (): string[] =>
  Array.from({ length: PARTICIPATING }, (_, n) => participatingStore(n));

/** The number of stores at which members bought before the sale. */
const FORMER_STORES = 50;

/** The store at which an order before the sale was made; only near orders have one. */
export const formerStore = (channel: 'far' | 'near', place: number): string | undefined =>
  channel === 'near' ? `old-store-${place % FORMER_STORES}` : undefined;
