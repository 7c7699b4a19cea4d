/** The first words of what is counted of a draw: orders that took part and their members, those that did not, revoked wins. */
export const TOOK_PART = 'free-order';
export const REFUSED = 'free-refused';
export const REVOKED = 'free-revoked';
