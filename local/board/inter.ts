import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file as it is served. */
export type Served = { type: string; content: string | Buffer };

/**
 * The package of Inter, the screen's font: a file for each range of characters, with all weights. A browser loads only those that
 * it needs.
 */
const PACKAGE = '@fontsource-variable/inter';
const PACKAGED_NAME = "'Inter Variable'";
const FILE = /\.\/files\/[\w-]+\.woff2/g;

const read = (name: string): Buffer => readFileSync(fileURLToPath(import.meta.resolve(`${PACKAGE}/${name}`)));

/** The style sheet that makes Inter known under the name that the screen asks for. */
export const interStyle = (): string => read('wght.css').toString('utf8').replaceAll(PACKAGED_NAME, 'Inter');

/** The files of Inter, by the path under which they are served: its style sheet, the fonts that this names, and its licence. */
export const interFiles = (): Record<string, Served> => {
  const style = interStyle();
  const fonts = [...style.matchAll(FILE)].map(([path]) => path.slice('./'.length));
  return {
    '/inter/inter.css': { type: 'text/css; charset=utf-8', content: style },
    '/inter/LICENSE': { type: 'text/plain; charset=utf-8', content: read('LICENSE') },
    ...Object.fromEntries(
      fonts.map((path) => [`/inter/${path}`, { type: 'font/woff2', content: read(path) }]),
    ),
  };
};
