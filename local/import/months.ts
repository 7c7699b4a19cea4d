/**
 * The names of months in English, German, French, Spanish, Italian, Portuguese and Dutch, and those of Danish, Swedish, Norwegian,
 * Afrikaans, Catalan, Romanian, Hungarian, Polish, Turkish and Indonesian that begin in the same way; without accents.
 */
const NAMES: readonly (readonly string[])[] = [
  ['january', 'januar', 'janvier', 'enero', 'gennaio', 'janeiro', 'januari', 'januarie', 'gener'],
  ['february', 'februar', 'fevrier', 'febrero', 'febbraio', 'fevereiro', 'februari', 'februarie', 'febrer'],
  ['march', 'marz', 'mars', 'marzo', 'marco', 'maart', 'mrt', 'marts', 'martie', 'marcius', 'marca', 'maret'],
  ['april', 'avril', 'abril', 'aprile', 'aprilie', 'aprilis'],
  ['may', 'mai', 'mayo', 'maggio', 'maio', 'mei', 'maig'],
  ['june', 'juni', 'juin', 'junio', 'giugno', 'junho'],
  ['july', 'juli', 'juillet', 'julio', 'luglio', 'julho', 'julie'],
  ['august', 'aout', 'agosto', 'augustus', 'augusti', 'augusztus'],
  ['september', 'septembre', 'septiembre', 'settembre', 'setembro', 'septembrie'],
  ['october', 'oktober', 'octobre', 'octubre', 'ottobre', 'outubro', 'octombrie'],
  ['november', 'novembre', 'noviembre', 'novembro'],
  ['december', 'dezember', 'decembre', 'diciembre', 'dicembre', 'dezembro', 'decembrie'],
];

/** The fewest letters of an abbreviation. */
const LETTERS_MIN = 3;

/** The month, from 0 for January, of a name or of the first letters of a name; undefined for any other word. */
export const monthOf = (name: string): number | undefined => {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  if (plain.length < LETTERS_MIN) return undefined;
  const month = NAMES.findIndex((names) => names.some((full) => full.startsWith(plain)));
  return month === -1 ? undefined : month;
};
