import { describe, expect, it } from 'vitest';
import { withUnseenShown } from '#platform/unseen.ts';

describe('a text whose unseen characters are shown', () => {
  it.each([
    ['a control character', 'a\u0007b', 'a\\u0007b'],
    ['a change of direction', 'shop\u202egnp.exe', 'shop\\u202egnp.exe'],
    ['an isolate', 'a\u2067b\u2069', 'a\\u2067b\\u2069'],
    ['a direction mark', 'a\u200f\u061cb', 'a\\u200f\\u061cb'],
    ['a zero-width space', 'lo\u200btus', 'lo\\u200btus'],
    ['a joiner', 'lo\u200dtus\u2060', 'lo\\u200dtus\\u2060'],
    ['a byte order mark', '\ufefflotus', '\\ufefflotus'],
    ['a soft hyphen', 'lo\u00adtus', 'lo\\u00adtus'],
    ['a grapheme joiner', 'lo\u034ftus', 'lo\\u034ftus'],
    ['a filler', 'lotus\u3164\uffa0\u115f', 'lotus\\u3164\\uffa0\\u115f'],
    ['a variation selector', 'lotus\ufe0f\u{e0101}', 'lotus\\ufe0f\\u{e0101}'],
    ['a tag', 'lotus\u{e0041}', 'lotus\\u{e0041}'],
    ['a line separator', 'lo\u2028tus', 'lo\\u2028tus'],
    ['half a character', 'lotus\ud83d', 'lotus\\ud83d'],
  ])('has a code in place of %s', (_, text, shown) => {
    expect(withUnseenShown(text)).toBe(shown);
  });

  it.each(['莲花', 'été', 'לוטוס', 'नमस्ते', '❤️', '🧧', 'a b', '１２'])('keeps %s unchanged', (text) => {
    expect(withUnseenShown(text)).toBe(text);
  });
});
