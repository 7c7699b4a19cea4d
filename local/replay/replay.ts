import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '#local/console/input-error.ts';
import { type Random, seededRandom } from '#simulator/random.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import type { Opening } from './openings.ts';
import { type Message, packer } from './packer.ts';
import { placed } from './placed.ts';
import { produce, type Send } from './producer.ts';
import { duplicateCount, repeater, shuffledWithDuplicates } from './sequence.ts';
import type { Sendable, Source } from './sources/source.ts';
import type { Survey } from './survey.ts';

/** The parts of the pipeline that a replay uses. */
export type ReplayTarget = Pick<Pipeline, 'depths' | 'idle' | 'messages' | 'killRandomHandler'>;

/** How a replay runs; see the options of the same names. */
export type Conduct = {
  pack: number;
  duplicate: number;
  seed: number;
  rate?: number;
  killEveryMs?: number;
};

/** The progress, updated during the run. */
export type Tally = { sent: number; total: number; waiting: number };

/** Where a replay sends to, where it counts, and what ends it early. */
export type Sending = { pipeline: ReplayTarget; send: Send; tally: Tally; signal: AbortSignal };

const IDLE_POLL_MS = 50;
/** How soon to look again for a handler to kill when none is busy. */
const BUSY_POLL_MS = 10;
const KILL_INTERVAL_GROWTH = 1.5;
const REJECTS_QUEUE = 'rejects';
const DEAD_LETTERS_SUFFIX = '-dead-letters';

/** Streams of random numbers from one seed: the numbers of a stream do not depend on how many were taken from another. */
const DUPLICATES_STREAM = 1;
const SHUFFLE_STREAM = 2;
const KILLS_STREAM = 3;

/**
 * Opens the campaigns, sends the input and waits until everything is counted. Resolves early when `signal` aborts. Throws an
 * InputError if the pipeline refuses a campaign that the run needs.
 */
export const replay = async (
  { source, survey, openings }: { source: Source; survey: Survey; openings: readonly Opening[] },
  { pipeline, send, tally, signal }: Sending,
  conduct: Conduct,
): Promise<void> => {
  await openCampaigns(openings, pipeline, send, signal);
  const killer = startKiller(pipeline, conduct);
  try {
    await produce(packed(recordsToSend(source, survey, conduct), conduct), {
      send,
      waiting: async () => {
        tally.waiting = await messagesWaiting(pipeline);
        return tally.waiting;
      },
      rate: conduct.rate,
      signal,
      onSent: (messages) => {
        for (const { records } of messages) tally.sent += records;
      },
    });
    killer.slowDown();
    await untilIdle(pipeline, tally, signal);
  } finally {
    killer.stop();
  }
};

/** Messages on their way through the pipeline, without those that wait for a set time. */
const messagesWaiting = async (pipeline: ReplayTarget): Promise<number> => {
  let count = 0;
  for (const [queue, { visible, inFlight }] of Object.entries(await pipeline.depths())) {
    if (queue !== REJECTS_QUEUE && !queue.endsWith(DEAD_LETTERS_SUFFIX)) count += visible + inFlight;
  }
  return count;
};

const untilIdle = async (
  pipeline: ReplayTarget,
  tally: Pick<Tally, 'waiting'>,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted && !(await pipeline.idle())) {
    tally.waiting = await messagesWaiting(pipeline);
    await sleep(IDLE_POLL_MS);
  }
};

/**
 * Sends the events that open campaigns and waits until the pipeline has processed them, so that no order has to wait for its
 * campaign, in whatever sequence the rest is sent.
 */
const openCampaigns = async (
  openings: readonly Opening[],
  pipeline: ReplayTarget,
  send: Send,
  signal: AbortSignal,
): Promise<void> => {
  for (const { text } of openings) await send([{ body: text, bytes: Buffer.byteLength(text), records: 1 }]);
  if (openings.length === 0) return;
  await untilIdle(pipeline, { waiting: 0 }, signal);
  if (signal.aborted) return;
  const refusals = (await pipeline.messages(REJECTS_QUEUE)).map(
    (body) => JSON.parse(body) as { message: string; event?: { source?: string; id?: string } },
  );
  for (const { campaignId, text, isRequired } of openings) {
    const { source, id } = JSON.parse(text) as { source: string; id: string };
    const refusal = refusals.find(({ event }) => event?.source === source && event.id === id);
    if (isRequired && refusal !== undefined)
      throw new InputError(`campaign ${campaignId}: refused, ${refusal.message}`);
  }
  const dead = Object.entries(await pipeline.depths()).find(
    ([queue, { visible }]) => queue.endsWith(DEAD_LETTERS_SUFFIX) && visible > 0,
  );
  if (dead !== undefined) throw new Error(`campaigns were not opened: queue ${dead[0]} is not empty`);
};

/** How many records are sent, duplicates included, besides those that open campaigns. */
export const recordsToSendCount = (survey: Survey, duplicate: number): number => {
  return survey.records + duplicateCount(survey.records, duplicate) - recordsOpened(survey).size;
};

const recordsOpened = ({ presales }: Survey): Set<number> =>
  new Set(presales.filter(({ isAlone }) => isAlone).map(({ record }) => record));

/** Everything to send, in the order of sending: the file's order, or a random one if there is an index. */
const recordsToSend = async function* (
  source: Source,
  survey: Survey,
  { duplicate, seed }: Conduct,
): AsyncGenerator<Sendable> {
  // Events that open campaigns have been sent already, so they are sent here only as duplicates.
  const opened = recordsOpened(survey);
  const duplicates = duplicateCount(survey.records, duplicate);
  const records =
    survey.index === undefined
      ? inOrder(source, survey.records, duplicates, seededRandom(seed, DUPLICATES_STREAM))
      : shuffled(source, survey.index, duplicates, seededRandom(seed, SHUFFLE_STREAM));
  for await (const { record, sendable } of records) {
    if (!opened.delete(record)) yield placed(sendable, record + 1);
  }
};

type Numbered = { record: number; sendable: Sendable };

const inOrder = async function* (
  source: Source,
  count: number,
  duplicates: number,
  random: Random,
): AsyncGenerator<Numbered> {
  const repeat = repeater<Numbered>(count, duplicates, random);
  let record = -1;
  for await (const found of source.records()) {
    for (const item of found) {
      record += 1;
      if (item.kind === 'sendable') yield* repeat.next({ record, sendable: item.sendable });
    }
  }
  yield* repeat.rest();
};

const shuffled = async function* (
  source: Source,
  index: NonNullable<Survey['index']>,
  duplicates: number,
  random: Random,
): AsyncGenerator<Numbered> {
  const order = shuffledWithDuplicates(index.sendable(), duplicates, random);
  const file = openSync(source.path, 'r');
  try {
    for (const record of order) {
      const start = index.start(record);
      const bytes = Buffer.allocUnsafe(index.end(record, source.bytes) - start);
      // The operating system caches the file, so a synchronous read is only a copy. Waiting for a promise
      // would cost more.
      if (readSync(file, bytes, 0, bytes.length, start) < bytes.length) {
        throw new Error(`${source.name}: changed while it was read`);
      }
      yield { record, sendable: source.again(bytes, record) };
    }
  } finally {
    closeSync(file);
  }
};

/**
 * Packs records into messages. If the rate is below the pack size, a message holds one second's records, so that no record
 * waits longer than a second.
 */
const packed = async function* (
  records: AsyncIterable<Sendable>,
  { pack, rate }: Conduct,
): AsyncGenerator<Message> {
  const messages = packer(Math.min(pack, rate ?? pack));
  for await (const record of records) yield* messages.add(record);
  yield* messages.flush();
};

/**
 * Kills a busy handler process about every `killEveryMs`, at random intervals of 0.5 to 1.5 times that. Once everything is
 * sent, each interval is 1.5 times as long as the one before, so that the run ends: few messages are left then, and one that is
 * delivered too often counts as dead.
 */
const startKiller = (pipeline: ReplayTarget, { killEveryMs, seed }: Conduct) => {
  const random = seededRandom(seed, KILLS_STREAM);
  let everyMs = killEveryMs ?? 0;
  let growth = 1;
  let timer: NodeJS.Timeout | undefined;
  const schedule = (delayMs: number): void => {
    timer = setTimeout(() => {
      if (!pipeline.killRandomHandler(random)) {
        schedule(BUSY_POLL_MS);
        return;
      }
      everyMs *= growth;
      schedule(everyMs * (0.5 + random()));
    }, delayMs);
  };
  if (killEveryMs !== undefined) schedule(everyMs * (0.5 + random()));
  return {
    slowDown: () => {
      growth = KILL_INTERVAL_GROWTH;
    },
    stop: () => clearTimeout(timer),
  };
};
