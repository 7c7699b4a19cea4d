import type { Locale } from './locale.ts';
import { ENGLISH } from './texts-en.ts';
import { CHINESE } from './texts-zh.ts';

/** Every word on the screen, in one language. A language that lacks one of the English words does not compile. */
export type Texts = typeof ENGLISH;

export const TEXTS: Readonly<Record<Locale, Texts>> = { 'zh-CN': CHINESE, en: ENGLISH };

/** The words of a reason code; a code that the dictionary does not know is shown as it is. */
export const nameOf = (names: Readonly<Record<string, string>>, code: string): string =>
  Object.hasOwn(names, code) ? names[code]! : code;
