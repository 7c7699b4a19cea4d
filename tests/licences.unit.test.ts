import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

type Package = { readonly license?: string; readonly dev?: boolean; readonly devOptional?: boolean };

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Readonly<Record<string, Package>>;
};
const ofOthers = Object.entries(packages).filter(([path]) => path.startsWith('node_modules/'));

/** Licences that only ask for their text to be kept: what they cover may be part of a program under Apache-2.0. */
const PERMISSIVE = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'MIT-0'],
  // Of a font, which is served unchanged and with its licence beside it.
  'OFL-1.1',
]);
/** MPL-2.0 asks for the source of the files that it covers: fine for tools, which are not distributed. */
const OF_TOOLS = new Set([...PERMISSIVE, 'MPL-2.0']);

/** Whether one of the licences to choose from is among the allowed ones. */
const isAllowed = (license: string | undefined, allowed: ReadonlySet<string>): boolean =>
  (license ?? '')
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some((one) => allowed.has(one));

it('every installed package has a licence under which it may be used here', () => {
  expect(ofOthers.length).toBeGreaterThan(200);
  const refused = ofOthers
    .filter(
      ([, { license, dev, devOptional }]) => !isAllowed(license, dev || devOptional ? OF_TOOLS : PERMISSIVE),
    )
    .map(([path, { license }]) => `${path}: ${license ?? 'no licence'}`);
  expect(refused).toEqual([]);
});

it.each([
  undefined,
  'GPL-3.0-or-later',
  'UNLICENSED',
  'MIT AND GPL-2.0',
  'MPL-2.0',
  '(AGPL-3.0 OR SSPL-1.0)',
])('a package that runs in production is refused under %s', (license) => {
  expect(isAllowed(license, PERMISSIVE)).toBe(false);
});
