/** The kinds of field that the contract is made of, each with its limits and the words that name them in a refusal. */
import * as z from 'zod/mini';
import { canonicalTime, isContractTime, TIME_EXPECTED, TIME_PATTERN } from './time.ts';

/** In Unicode characters: room for any producer's ids, and at 4 bytes each well inside a DynamoDB sort key of 1,024 bytes. */
export const MAX_ID_LENGTH = 128;

/** In Unicode characters: for the descriptive attributes of the envelope, which are never part of a key. */
export const MAX_ATTRIBUTE_LENGTH = 512;

/** In fen, CNY 100 M an order: the sum of 900,000 orders of that size is still exact in a double (below 2^53 fen). */
export const MAX_AMOUNT_FEN = 10_000_000_000;

/**
 * Control characters, line separators, lone surrogates (which turn into U+FFFD on the way to a table, so that two ids
 * would become one) and U+FFFE and U+FFFF (which SQS refuses in a message, unless they are escaped).
 */
const BARRED = String.raw`\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff\ufffe\uffff`;

const text = (maxLength: number) => {
  const edge = String.raw`[^\s${BARRED}]`;
  const pattern = new RegExp(`^${edge}(?:[^${BARRED}]{0,${maxLength - 2}}${edge})?$`, 'u');
  const error = `1 to ${maxLength} characters, no control characters, no white space at either end`;
  return z.string({ error }).check(z.regex(pattern));
};

/** An identifier in any script, compared exactly as it is written. */
export const id = text(MAX_ID_LENGTH);

/** A descriptive attribute in any script. */
export const attribute = text(MAX_ATTRIBUTE_LENGTH);

/** The characters of a URI reference (RFC 3986, section 4.1); other scripts come percent-encoded, as CloudEvents wants. */
export const uriReference = z
  .string({ error: `a URI reference of 1 to ${MAX_ATTRIBUTE_LENGTH} characters` })
  .check(
    z.regex(
      new RegExp(
        String.raw`^(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2}){1,${MAX_ATTRIBUTE_LENGTH}}$`,
        'u',
      ),
    ),
  );

/** The characters of a token of a media type (RFC 9110, section 5.6.2). */
const TOKEN = String.raw`[A-Za-z0-9!#$%&'*+.^_\x60|~-]`;
const PARAMETER_MAX = 16;
/** A media type of JSON (RFC 6838, RFC 6839), its parameters included; case does not matter. */
const JSON_MEDIA_TYPE = new RegExp(
  String.raw`^(?:[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]|[Tt][Ee][Xx][Tt])/(?:[Jj][Ss][Oo][Nn]|${TOKEN}{1,100}\+[Jj][Ss][Oo][Nn])` +
    String.raw`(?:[ \t]*;[ \t]*${TOKEN}{1,64}=(?:${TOKEN}{1,128}|"[^"\\\u0000-\u001f\u007f]{0,128}")){0,${PARAMETER_MAX}}[ \t]*;?$`,
);
const JSON_MEDIA_TYPE_EXPECTED = 'a media type of JSON such as application/json';

/** A campaign's id, which becomes part of keys, file names and metric properties, so it contains no separator of any of these. */
export const campaignId = z
  .string({ error: '1 to 64 letters, digits, dots, underscores or hyphens, the first a letter or digit' })
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/));

/**
 * Any media type of JSON: `application/json`, `text/json` or one that ends in `+json`, and parameters such as a charset.
 */
export const jsonMediaType = z
  .string({ error: JSON_MEDIA_TYPE_EXPECTED })
  .check(z.regex(JSON_MEDIA_TYPE, { error: JSON_MEDIA_TYPE_EXPECTED }));

/** A time, converted to its canonical form, so that equal instants are equal as text. */
export const time = z
  .string({ error: TIME_EXPECTED })
  .check(
    z.regex(TIME_PATTERN, { error: TIME_EXPECTED, abort: true }),
    z.refine(isContractTime, { error: TIME_EXPECTED }),
    z.overwrite(canonicalTime),
  );

/** An integer within its range, both ends included. */
export const integer = (min: number, max: number) => {
  return z.int({ error: `an integer from ${min} to ${max}` }).check(z.gte(min), z.lte(max));
};

/** Money, in fen. Always positive: the event's type, not a sign, says what an amount means. */
export const amountFen = integer(1, MAX_AMOUNT_FEN);

/** Money that may be 0, in fen: what was left to pay after a discount, or what a discount took off. */
export const paidFen = integer(0, MAX_AMOUNT_FEN);

/** An object with these fields and no others. */
export const record = <const Shape extends z.core.$ZodLooseShape>(shape: Shape) => {
  return z.strictObject(shape, { error: 'an object' });
};
