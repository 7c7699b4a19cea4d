/** The beginnings of months in English, German, French, Spanish, Italian, Portuguese and Dutch, without accents. */
const BEGINNINGS: readonly (readonly string[])[] = [
  ['jan', 'ene', 'gen'],
  ['feb', 'fev'],
  ['mar', 'mrt', 'maa'],
  ['apr', 'abr', 'avr'],
  ['may', 'mai', 'mag', 'mei'],
  ['jun', 'juin', 'giu'],
  ['jul', 'juil', 'lug'],
  ['aug', 'ago', 'aou'],
  ['sep', 'set'],
  ['oct', 'okt', 'ott', 'out'],
  ['nov'],
  ['dec', 'dez', 'dic'],
];

/** The month, from 0, of a word that begins like the name of one; undefined for any other word. */
export const monthOf = (name: string): number | undefined => {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const month = BEGINNINGS.findIndex((list) => list.some((beginning) => plain.startsWith(beginning)));
  return month === -1 ? undefined : month;
};
