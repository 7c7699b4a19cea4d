/** The currencies whose amounts have other than two decimals, by their number of decimals. */
const OTHERS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const DIGITS: ReadonlyMap<string, number> = new Map(
  Object.entries(OTHERS).flatMap(([digits, codes]) => codes.split(' ').map((code) => [code, Number(digits)])),
);

/**
 * How many decimals amounts in a currency have: JPY 0, CNY 2, KWD 3. This follows ISO 4217, which defines the minor units used
 * in events; Intl shows some currencies with fewer decimals, such as HUF and PKR.
 */
export const currencyDigits = (code: string): number => DIGITS.get(code) ?? 2;
