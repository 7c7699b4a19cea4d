import { between, oneOf, streamOf } from '../world/random.ts';
import { type Codec, codecs } from './codecs.ts';
import { newTally, note, type Tally } from './finding.ts';
import { holeIn } from './holes.ts';
import { CPU_MS_MAX, measured } from './measure.ts';
import { mutatedBytes, mutatedText, mutatedValue } from './mutate.ts';
import { packedOf } from './packed.ts';
import { textParsers } from './texts.ts';

type Random = () => number;

/** What an input led to: whether it was accepted, or an error that no input may cause. */
type Outcome = { readonly isAccepted: boolean } | { readonly error: unknown };

const fuzz = <Input extends string | Uint8Array>(
  name: string,
  inputs: Iterable<Input>,
  run: (input: Input) => Outcome,
): Tally => {
  const tally = newTally(name);
  for (const input of inputs) {
    tally.inputs++;
    const { value, ms } = measured(() => run(input));
    tally.slowestMs = Math.max(tally.slowestMs, ms);
    if (ms > CPU_MS_MAX) note(tally, `took ${ms.toFixed(0)} ms of CPU`, input);
    if ('error' in value) note(tally, `threw ${(value.error as Error).stack}`, input);
    else if (value.isAccepted) tally.accepted++;
    else tally.refused++;
  }
  return tally;
};

const isJson = (text: string): boolean => text.startsWith('{');

const texts = function* (random: Random, samples: readonly string[], count: number): Generator<string> {
  yield* samples;
  for (let i = samples.length; i < count; i++) {
    const sample = oneOf(random, samples);
    yield isJson(sample) && !sample.includes('\n') && random() < 0.6
      ? (JSON.stringify(mutatedValue(random, JSON.parse(sample))) ?? '')
      : mutatedText(random, sample);
  }
};

const bytes = function* (random: Random, { samples, read }: Codec, count: number): Generator<Uint8Array> {
  yield* samples;
  const packed = samples.map((sample) => packedOf(sample, read));
  for (let i = samples.length; i < count; i++) {
    const at = between(random, 0, samples.length - 1);
    const inner = packed[at];
    const kind = random();
    if (kind < 0.05) yield Uint8Array.from({ length: between(random, 0, 64) }, () => between(random, 0, 255));
    else if (kind < 0.7 && inner) yield inner.with(mutatedBytes(random, inner.contents));
    else yield mutatedBytes(random, samples[at]!);
  }
};

/** A codec refuses bytes with a RangeError, or with an error of the decompression. */
const isRefusal = (error: unknown): boolean =>
  error instanceof RangeError || /^(?:Z_|ZSTD_|ERR_)/.test(String((error as { code?: unknown }).code));

/** Gives `count` inputs to every reader of texts and of stored bytes, the unchanged samples among them. */
export const fuzzParsers = (seed: number, count: number): Tally[] => [
  ...textParsers().map(({ name, samples, accepts }) =>
    fuzz(name, texts(streamOf(seed, name), samples, count), (text) => {
      try {
        return { isAccepted: accepts(text) };
      } catch (error) {
        return { error };
      }
    }),
  ),
  ...codecs().map((codec) =>
    fuzz(codec.name, bytes(streamOf(seed, codec.name), codec, count), (input) => {
      try {
        const hole = holeIn(codec.read(input) ?? null);
        return hole === undefined ? { isAccepted: true } : { error: new Error(hole) };
      } catch (error) {
        return isRefusal(error) ? { isAccepted: false } : { error };
      }
    }),
  ),
];
