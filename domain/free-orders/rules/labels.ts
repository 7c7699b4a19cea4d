/** The first parts of a draw's metric labels, of orders that took part, of orders that did not, and of revoked wins. */
export const TOOK_PART = 'free-order';
export const REFUSED = 'free-refused';
export const REVOKED = 'free-revoked';
