import { escapeOf, UNSEEN, withUnseenShown } from '#platform/unseen.ts';

/** Makes text from outside safe for a terminal: on one line, in one direction, with nothing hidden. */
export const printable = (text: string): string => withUnseenShown(text);

/** A value as JSON that means the same and may be shown in a terminal: over several lines, or on one if `indent` is 0. */
export const printableJson = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(UNSEEN, (character) =>
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
