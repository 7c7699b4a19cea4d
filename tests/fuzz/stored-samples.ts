import { readFileSync } from 'node:fs';

/**
 * The bytes of a stored format, from a constant in the test of this format (`file`, a path from `tests/`). The constant is a
 * base64 text, a list of base64 texts that are joined, or an object that has one of these as its `body`.
 */
export const storedSample = (file: string, constant: string): Uint8Array => {
  const source = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  const from = source.indexOf(`const ${constant} =`);
  if (from < 0) throw new Error(`${file}: expected a constant ${constant}, got none`);
  const declaration = source.slice(from, source.indexOf(';', from));
  const texts = [
    ...declaration.slice(Math.max(0, declaration.indexOf('body:'))).matchAll(/'([A-Za-z0-9+/=]*)'/g),
  ];
  return Uint8Array.from(Buffer.from(texts.map(([, text]) => text).join(''), 'base64'));
};
