/** The ticket that every order draws: 64 bits that nobody can predict without the seed. */

import { HmacSha256 } from '#platform/hmac.ts';
import { type DrawEntry, ENTRY_FORMAT, type EntryFormat, entryName } from '../rules/entry.ts';

/** 64 bits as text. Fixed-length lower-case hexadecimal digits compare as the numbers do. */
const TICKET_CHARS = 16;

const TICKET_SPACE = 2n ** 64n;

/** An integer from 0 to 2^64 - 1; the smaller, the better. */
export type Ticket = bigint;

/**
 * Draws tickets under one seed: the first 64 bits, big-endian, of HMAC-SHA256(seed, member's pseudonym ‖ 0x00 ‖ order id), in
 * UTF-8. In entries of format 1 the message is the order id alone.
 */
export class TicketDrawer {
  readonly #hmac: HmacSha256;
  readonly #format: EntryFormat;

  /** `seed` is the campaign's seed in instant mode, the slot's seed in slot mode: 32 bytes. */
  constructor(seed: Uint8Array, format: EntryFormat = ENTRY_FORMAT) {
    this.#hmac = new HmacSha256(seed);
    this.#format = format;
  }

  draw(entry: Pick<DrawEntry, 'orderId' | 'member'>): Ticket {
    return BigInt(`0x${this.#hmac.ofText(entryName(entry, this.#format)).slice(0, TICKET_CHARS)}`);
  }
}

export const ticketText = (ticket: Ticket): string => ticket.toString(16).padStart(TICKET_CHARS, '0');

/**
 * A ticket wins when it is less than this: floor(2^64 × win / in), exactly. The probability is the odds rounded down to
 * a multiple of 2^-64; odds of 1 give 2^64, above every ticket.
 */
export const winningBelow = (odds: { win: number; in: number }): Ticket =>
  (TICKET_SPACE * BigInt(odds.win)) / BigInt(odds.in);
