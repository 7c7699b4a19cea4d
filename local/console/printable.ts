/**
 * Characters that must not be sent to a terminal unchanged: C0 and C1 controls, changes of text direction, characters without
 * width, line separators, half characters, and invisible tags.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e0fff}\p{Cs}]/gu;

const escapeOf = (character: string): string => {
  const code = character.codePointAt(0)!;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** Makes text from outside safe for a terminal: on one line, in one direction, with nothing hidden. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escapeOf);

/** A value as JSON over several lines that means the same and may be shown in a terminal. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(UNPRINTABLE, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, i) => escapeOf(character[i]!)).join(''),
  );

/** A text of several lines, each made printable. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** A value as it is quoted in a message: JSON, made printable, at most `charactersMax` long. */
export const quoted = (value: unknown, charactersMax = 80): string => {
  const text = printable(JSON.stringify(value) ?? 'nothing');
  const characters = [...text];
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join('')}…`;
};
