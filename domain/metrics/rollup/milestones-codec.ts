import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';

/** When a brand reached the line. */
export type BrandMilestone = {
  brand: string;
  /** The end of the base window, in ms. */
  atMs: number;
  /** Of what it was found in; see `proofOf`. Empty where no search was needed. */
  proof: string;
};

const FORMAT_VERSION = 1;

/** Packs milestones in the order of their times: about 20 bytes each. Equal lists give equal bytes. */
export const packMilestones = (milestones: readonly BrandMilestone[]): Uint8Array => {
  const writer = new ByteWriter();
  writer.uint(FORMAT_VERSION);
  writer.uint(milestones.length);
  let previousMs = 0;
  for (const { atMs } of milestones) {
    writer.uint(atMs - previousMs);
    previousMs = atMs;
  }
  for (const { brand } of milestones) writer.text(brand);
  for (const { proof } of milestones) writer.text(proof);
  return deflateRawSync(writer.bytes(), { level: 9 });
};

/** Reads milestones back. Throws RangeError for bytes that are none. */
export const unpackMilestones = (body: Uint8Array): BrandMilestone[] => {
  const reader = new ByteReader(inflateRawSync(body));
  const version = reader.uint();
  if (version !== FORMAT_VERSION)
    throw new RangeError(`milestones version: expected ${FORMAT_VERSION}, got ${version}`);
  const milestones: BrandMilestone[] = [];
  let atMs = 0;
  for (let left = reader.uint(); left > 0; left--) {
    atMs += reader.uint();
    milestones.push({ brand: '', atMs, proof: '' });
  }
  for (const milestone of milestones) milestone.brand = reader.text();
  for (const milestone of milestones) milestone.proof = reader.text();
  return milestones;
};
