/** First parts of a draw's metric labels: orders that took part and their members, orders that did not, revoked wins. */
export const TOOK_PART = 'free-order';
export const REFUSED = 'free-refused';
export const REVOKED = 'free-revoked';
