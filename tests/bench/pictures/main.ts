/** Draws the pictures of docs/mathematics.md into docs/pictures, and prints the figures below them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PICTURES } from './all.ts';

const DIRECTORY = join(import.meta.dirname, '../../../docs/pictures');

for (const [name, draw] of Object.entries(PICTURES)) {
  const { svg, figures } = draw();
  writeFileSync(join(DIRECTORY, `${name}.svg`), svg);
  console.log([`docs/pictures/${name}.svg`, ...figures.map((figure) => `  ${figure}`)].join('\n'));
}
