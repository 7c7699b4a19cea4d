/** Plays a simulated sale: sends its events to the pipeline, and sets the clock. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS } from '#platform/duration.ts';
import { PREPARATION_MS, PRESALE_MS, SALE_END_MS, SALE_MS } from '#simulator/calendar.ts';
import type { Simulation } from '#simulator/simulator.ts';
import type { Clock } from '../aws/clock.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import type { Sent } from '../board/latency.ts';
import { type Message, packer } from '../replay/packer.ts';
import { produce, type Send } from '../replay/producer.ts';

/** What a simulated sale is sent to. */
export type Stage = {
  pipeline: Pick<Pipeline, 'depths' | 'idle'>;
  send: Send;
  clock: Clock;
  signal: AbortSignal;
  /** Called at the beginning of each part. */
  onPart: (part: Part) => void;
  /** Whether the presale has issued all that it plans. */
  isIssued: () => Promise<boolean>;
  /** Called again and again during each part but the presale, with how much of the part is done, 0 to 1. */
  onShare: (share: number) => void;
};

export type Part = 'history' | 'presale' | 'hour' | 'ending' | 'over';

/** Events in a message. */
const PACK = 100;
const POLL_MS = 100;
const IDLE_POLL_MS = 50;
const READ_POLL_MS = 250;
/** The clock goes a minute in each second, so that the tick that begins the presale comes soon. */
const PRESALE_SPEED = 60;
/**
 * The time from which the clock runs at normal speed. By then a tick has begun the presale, even if two are
 * lost, and further ticks would only take time from the presale.
 */
const PRESALE_BEGUN_MS = PRESALE_MS + 3 * MINUTE_MS;
/**
 * The outbox, from which members learn of their coupons. Until it is empty, some members may not know of theirs.
 */
const GRANTS_QUEUE = 'grants';
const KEPT_QUEUE = /^(?:grants|rejects|.*-dead-letters)$/;

const messageOf = (text: string): Message => ({ body: text, bytes: Buffer.byteLength(text), records: 1 });

const waitingIn = async ({ depths }: Stage['pipeline']): Promise<number> => {
  let count = 0;
  for (const [queue, { visible, inFlight }] of Object.entries(await depths())) {
    if (!KEPT_QUEUE.test(queue)) count += visible + inFlight;
  }
  return count;
};

/** The queues on the way to the members' profiles, to the coupons of a presale, and to an open campaign. */
const MEMBER_QUEUES = ['events', 'control', 'waiting', 'presale', 'coupon'];
const PRESALE_QUEUES = ['audience', GRANTS_QUEUE];
const OPENING_QUEUES = ['control', 'presale'];

/**
 * Waits until these queues hold no message in any state. Counting all of them at once is enough: a message stays in its queue
 * until its results are in another one.
 */
const untilEmpty = async ({ pipeline, signal }: Stage, queues: readonly string[]): Promise<void> => {
  while (!signal.aborted) {
    const depths = await pipeline.depths();
    const isEmpty = queues.every((queue) => {
      const { visible, inFlight, delayed } = depths[queue]!;
      return visible + inFlight + delayed === 0;
    });
    if (isEmpty) return;
    await sleep(IDLE_POLL_MS);
  }
};

/** Waits until everything sent has been processed, and the members know about every coupon. */
const untilQuiet = async ({ pipeline, signal, onShare }: Stage): Promise<void> => {
  const atFirst = await waitingIn(pipeline);
  while (!signal.aborted) {
    if (atFirst > 0) onShare(1 - (await waitingIn(pipeline)) / atFirst);
    if (await pipeline.idle()) {
      const { visible, inFlight } = (await pipeline.depths())[GRANTS_QUEUE]!;
      if (visible + inFlight === 0) return;
    }
    await sleep(IDLE_POLL_MS);
  }
};

/** Packs the events of all members into messages. Calls `onDone` after each member. */
const packed = async function* (
  texts: Iterable<readonly string[]>,
  onDone: () => void,
): AsyncGenerator<Message> {
  const messages = packer(PACK);
  for (const ofMember of texts) {
    for (const text of ofMember) yield* messages.add({ text, alone: false });
    onDone();
  }
  yield* messages.flush();
};

/** Sends what happened before the sale. Last year's orders come first, so the screen soon has their curve. */
const sendHistory = async (
  { texts, members }: Simulation['history'],
  { pipeline, send, signal, onShare }: Stage,
): Promise<void> => {
  let done = 0;
  await produce(
    packed(texts, () => onShare(++done / members)),
    { send, waiting: () => waitingIn(pipeline), signal, onSent: () => {} },
  );
};

/** Sends the orders that the coupons of the history have brought about. */
const sendReactions = async ({ trial }: Simulation['history'], stage: Stage): Promise<void> => {
  await untilEmpty(stage, [...MEMBER_QUEUES, GRANTS_QUEUE]);
  const messages = packer(PACK);
  const due = trial.take().flatMap((text) => messages.add({ text, alone: false }));
  const full = [...due, ...messages.flush()];
  if (full.length > 0) await stage.send(full);
};

/**
 * Waits until the presale is issued. Once the presale has begun, the clock runs at normal speed. Throws an error if the clock
 * reaches the sale before the presale is issued.
 */
const untilIssued = async ({ clock, signal, isIssued }: Stage): Promise<void> => {
  while (!signal.aborted && !(await isIssued())) {
    const nowMs = clock.now();
    if (nowMs >= SALE_MS)
      throw new Error(
        'presale: expected to be issued before the sale begins, got coupons that are not issued',
      );
    if (clock.rate.speed > 1 && nowMs >= PRESALE_BEGUN_MS) clock.set(nowMs, 1);
    await sleep(READ_POLL_MS);
  }
  clock.set(clock.now(), 1);
};

/**
 * Plays a sale. The clock must show {@link PREPARATION_MS} or little more at first. Sends the sale's opening,
 * then all that happened before the sale, as fast as the pipeline takes it. Then plays the presale, and the hour
 * from the sale's start to its end at the speed given. Returns how many orders had been sent at which times of
 * the machine's monotonic clock, to measure the time from event to screen. Resolves early when the signal aborts.
 */
export const playSale = async (
  { earlierOpenings, opening, history, hour }: Simulation,
  stage: Stage,
  speed: number,
): Promise<Sent[]> => {
  const { clock, send, signal, onPart, onShare } = stage;
  onPart('history');
  // In one message, so that last year's sale is opened in time for the sale that is compared with it.
  await send([messageOf(`[${[...earlierOpenings, opening].join(',')}]`)]);
  await untilEmpty(stage, OPENING_QUEUES);
  await sendHistory(history, stage);
  await sendReactions(history, stage);
  await untilEmpty(stage, MEMBER_QUEUES);
  if (signal.aborted) return [];

  onPart('presale');
  clock.set(PRESALE_MS, PRESALE_SPEED);
  await untilIssued(stage);
  await untilEmpty(stage, PRESALE_QUEUES);
  if (signal.aborted) return [];

  onPart('hour');
  clock.set(Math.max(clock.now(), SALE_MS), speed);
  const sent: Sent[] = [];
  while (!hour.isOver && !signal.aborted) {
    const messages = packer(PACK);
    const due = hour.due(clock.now()).flatMap((event) => messages.add(event));
    const full = [...due, ...messages.flush()];
    for (let i = 0; i < full.length; i += 10) await send(full.slice(i, i + 10));
    onShare((clock.now() - SALE_MS) / (SALE_END_MS - SALE_MS));
    if (full.length > 0) sent.push({ atMs: performance.now(), orders: hour.ledger.orders });
    await sleep(POLL_MS);
  }
  onPart('ending');
  // From here on the clock runs at normal speed. Otherwise functions that are called every minute would be
  // called every second, and the pipeline would never be idle.
  clock.set(Math.max(clock.now(), SALE_END_MS), 1);
  await untilQuiet(stage);
  onPart('over');
  return sent;
};
