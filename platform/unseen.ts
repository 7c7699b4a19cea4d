/**
 * Characters that nobody sees, or that change how others are seen: controls, changes of text direction, characters without width,
 * line separators, lone surrogates, fillers and tags. U+FE0E and U+FE0F are allowed after an emoji, where they select its form.
 */
export const UNSEEN =
  /[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\ufffe\uffff]--[\ufe0e\ufe0f]]|(?<!\p{Extended_Pictographic})[\ufe0e\ufe0f]/gv;

/** A character as its code, such as `\u200b`. */
export const escapeOf = (character: string): string => {
  const code = character.codePointAt(0)!;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** The text with a code in place of each unseen character, so that two texts that differ only in these look different. */
export const withUnseenShown = (text: string): string => text.replace(UNSEEN, escapeOf);
