/** What tests do with a pipeline on this machine: send events, wait until they are processed, and kill its functions. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Pipeline } from '#local/aws/pipeline.ts';
import { sqsSender } from '#local/replay/producer.ts';
import { seededRandom } from './random.ts';

/** Far fewer than the deliveries that a message gets, so kills cannot use them up. */
const KILLS_MAX = 4;
const POLL_MS = 20;
const KILL_PAUSE_MS_MAX = 100;

/** Sends events, each of them a line of JSON, `perMessage` in a message. */
export const sendLines = async (
  pipeline: Pipeline,
  lines: readonly string[],
  perMessage: number,
): Promise<void> => {
  const { send, close } = sqsSender(
    pipeline.sqsEndpoint,
    pipeline.output('EventsQueueUrl'),
    pipeline.output('ControlQueueUrl'),
  );
  for (let first = 0; first < lines.length; first += perMessage) {
    const body = `[${lines.slice(first, first + perMessage).join()}]`;
    await send([{ body, bytes: Buffer.byteLength(body), records: 1 }]);
  }
  close();
};

export const untilIdle = async (pipeline: Pipeline): Promise<void> => {
  while (!(await pipeline.idle())) await sleep(POLL_MS);
};

/** Sends events and waits until they are processed. */
export const sendEvents = async (
  pipeline: Pipeline,
  events: readonly object[],
  perMessage: number,
): Promise<void> => {
  await sendLines(
    pipeline,
    events.map((event) => JSON.stringify(event)),
    perMessage,
  );
  await untilIdle(pipeline);
};

/** Kills busy handler processes now and then while some work is done. Returns the number of kills. */
export const amongKills = async (
  pipeline: Pipeline,
  seed: number,
  work: () => Promise<void>,
): Promise<number> => {
  const random = seededRandom(seed);
  const before = pipeline.kills;
  let isOver = false;
  const killer = (async () => {
    while (!isOver && pipeline.kills - before < KILLS_MAX) {
      await sleep(random() * KILL_PAUSE_MS_MAX);
      pipeline.killRandomHandler(random);
    }
  })();
  await work();
  isOver = true;
  await killer;
  return pipeline.kills - before;
};
