/** Characters that take two columns of a terminal (Unicode Standard Annex 11, East Asian Width W and F). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /[\p{Mn}\p{Me}]/u;

const widthOf = (character: string): number => {
  if (character < '\u0300') return 1;
  return NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
};

/** How many columns of a terminal a printable text takes. */
export const displayWidth = (text: string): number => {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
};

const padding = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - displayWidth(text)));

/** Like `padEnd`, counting columns of a terminal and not characters. */
export const padColumnsEnd = (text: string, columns: number): string => text + padding(text, columns);

/** Like `padStart`, counting columns of a terminal and not characters. */
export const padColumnsStart = (text: string, columns: number): string => padding(text, columns) + text;

/** A text cut to at most `columns` columns, with a … if something is cut off. */
export const cutToColumns = (text: string, columns: number): string => {
  if (displayWidth(text) <= columns) return text;
  let cut = '';
  let width = 1;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    cut += character;
  }
  return `${cut}…`;
};
