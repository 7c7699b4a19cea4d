import type { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { readNames, sortedNames, writeNames } from './name-codec.ts';
import type { Row } from './row.ts';
import type { BrandTally } from './row-columns.ts';

/**
 * How a row's brands are written: all their names, then a column for each figure. A row may have tens of thousands of
 * brands and is read again and again, so reading and writing them is most of the work when rows are refreshed.
 */

const FIGURES = 5;

/**
 * Writes brands. A peak is stored as its difference from the brand's net amount, because for most brands this is 0, and a
 * column of zeros takes hardly any space once the row is compressed.
 */
export const writeBrands = (writer: ByteWriter, brands: Row['brands']): void => {
  const names = sortedNames(brands);
  writeNames(writer, names);
  const count = names.length;
  const figures = new Float64Array(FIGURES * count);
  for (let i = 0; i < count; i++) {
    const { orders, grossFen, refunds, refundedFen, peakFen } = brands.get(names[i]!)!;
    figures[i] = orders;
    figures[count + i] = grossFen;
    figures[2 * count + i] = refunds;
    figures[3 * count + i] = refundedFen;
    figures[4 * count + i] = peakFen - (grossFen - refundedFen);
  }
  writer.uints(figures);
};

/** Reads back what {@link writeBrands} wrote. */
export const readBrands = (reader: ByteReader): Row['brands'] => {
  const names = readNames(reader);
  const count = names.length;
  const figures = reader.uints(FIGURES * count);
  const brands = new Map<string, BrandTally>();
  for (let i = 0; i < count; i++) {
    const grossFen = figures[count + i]!;
    const refundedFen = figures[3 * count + i]!;
    brands.set(names[i]!, {
      orders: figures[i]!,
      grossFen,
      refunds: figures[2 * count + i]!,
      refundedFen,
      peakFen: figures[4 * count + i]! + grossFen - refundedFen,
    });
  }
  return brands;
};
