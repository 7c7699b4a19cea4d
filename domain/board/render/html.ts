import { escapeOf, UNSEEN } from '#platform/unseen.ts';

/** Finished markup: all text in it is escaped. */
export type Html = { readonly html: string };

/** What may be filled into a template. Text is escaped; undefined adds nothing. */
export type Part = Html | string | number | undefined | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeUnseen = (character: string): string =>
  character === '\n' || character === '\t' ? character : escapeOf(character);

/**
 * Text as it may stand between tags and in quoted attributes. Characters that nobody sees, that turn the text around, or that are
 * only half a character are shown as codes. So the page is well-formed UTF-8, and the ids of two brands never look the same
 * because of such a character. Spaces, tabs and line feeds stay.
 */
export const escapeText = (text: string): string =>
  text.replace(UNSEEN, escapeUnseen).replace(/[&<>"']/g, (character) => ENTITIES[character]!);

const markupOf = (part: Part): string => {
  if (part === undefined) return '';
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(markupOf).join('');
};

/** A fixed text of a template without its line breaks and indentation. */
const trimmed = (text: string): string => (text.includes('\n') ? text.replace(/\n\s*/g, '') : text);

/**
 * Markup from a template. What is filled in is escaped unless it is markup itself, so no text of an event can become a
 * tag or leave its attribute, provided attributes are quoted. Line breaks and indentation of the template are left out.
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => {
  let markup = trimmed(strings[0]!);
  for (const [i, part] of parts.entries()) markup += markupOf(part) + trimmed(strings[i + 1]!);
  return { html: markup };
};
