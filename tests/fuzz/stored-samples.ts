import { readFileSync } from 'node:fs';

/**
 * The bytes of a stored format, from a constant in the test of this format. The constant is a text in base64, a list of such lines,
 * or a block with such a `body`.
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
