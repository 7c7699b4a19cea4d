/** The demo's progress in the terminal. */
import type { BoardView } from '#domain/board/view.ts';
import { cutToColumns } from '#local/console/display-width.ts';
import { formatCount, formatFen } from '#local/console/format.ts';
import { printable, printableLines } from '#local/console/printable.ts';
import type { Part } from './play.ts';

const ERASE_LINE = '\r\u001b[K';
const LINE_INTERVAL_MS = 5_000;
const BAR_INTERVAL_MS = 1_000;
const MINUTE_MS = 60_000;

const PARTS: Readonly<Record<Part, string>> = {
  history: "what happened before: last year's sale, the everyday orders, the members",
  presale: 'the presale: coupons are planned and issued',
  hour: 'the hour',
  ending: 'the hour is over: the last orders are being counted',
  over: '',
};

export const partText = (part: Part): string => PARTS[part];

const NAMES: Readonly<Record<Part, string>> = {
  history: 'before the sale',
  presale: 'presale',
  hour: 'the hour',
  ending: 'ending',
  over: 'over',
};
const NAME_WIDTH = Math.max(...Object.values(NAMES).map((name) => name.length));

const BAR_WIDTH = 24;
const FULL = '█';
const EMPTY = '░';
const PERCENT = 100;

/** A part, and a bar that shows how much of it is done: `presale         ████████░░░░░░░░░░░░░░░░  33 %`. */
export const partBar = (part: Part, share: number): string => {
  const held = Math.min(1, Math.max(0, share));
  const full = Math.floor(held * BAR_WIDTH);
  const percent = String(Math.floor(held * PERCENT)).padStart(3);
  return `${NAMES[part].padEnd(NAME_WIDTH)} ${FULL.repeat(full)}${EMPTY.repeat(BAR_WIDTH - full)} ${percent} %`;
};

/** The share of a presale that is done, 0 to about 1: what it has given of the money that it may give, `planFen`. */
export const presaleShare = (view: BoardView | undefined, planFen: number): number =>
  view?.coupons === undefined || planFen <= 0
    ? 0
    : (view.coupons.budgetFen - view.coupons.remainingFen) / planFen;

/** The sale in a line, as the pipeline sees it; `saleMs` is the time since its start, in ms. */
export const viewLine = (view: BoardView, saleMs: number): string => {
  const minutes = Math.floor(saleMs / MINUTE_MS);
  const seconds = Math.floor((saleMs % MINUTE_MS) / 1_000);
  const { headline, brands, coupons, freeOrders } = view;
  return [
    `${String(minutes).padStart(2, '0')}:${String(seconds).padStart(2, '0')}`,
    `${formatCount(headline.orders.value)} orders`,
    `CNY ${formatFen(headline.netFen.value)}`,
    `${brands.aboveLine} above the line`,
    `${formatCount(brands.doubled ?? 0)} doubled`,
    `${formatCount(coupons?.issued ?? 0)} coupons, ${formatCount(coupons?.redeemed ?? 0)} used`,
    `${formatCount(freeOrders?.wins ?? 0)} free`,
  ].join('  ');
};

export type Liner = {
  note(text: string): void;
  /** Shows a line and updates it at a rate that suits the stream, until stopped. */
  start(line: () => Promise<string | undefined>): void;
  stop(): Promise<void>;
};

/** One line that changes on a terminal, a line every few seconds elsewhere. */
export const createLiner = (stream: NodeJS.WriteStream): Liner => {
  let running: { stopped: AbortController; done: Promise<void> } | undefined;
  return {
    note(text) {
      stream.write(`${stream.isTTY && running !== undefined ? ERASE_LINE : ''}${printableLines(text)}\n`);
    },
    start(line) {
      if (running !== undefined) throw new Error('progress: expected no line to be shown, got a second one');
      const stopped = new AbortController();
      const show = async (): Promise<void> => {
        while (!stopped.signal.aborted) {
          const shown = await line().catch(() => undefined);
          if (shown !== undefined && !stopped.signal.aborted) {
            const text = printable(shown);
            stream.write(
              stream.isTTY ? `${ERASE_LINE}${cutToColumns(text, (stream.columns ?? 80) - 1)}` : `${text}\n`,
            );
          }
          await pause(stream.isTTY ? BAR_INTERVAL_MS : LINE_INTERVAL_MS, stopped.signal);
        }
      };
      running = { stopped, done: show() };
    },
    async stop() {
      if (running === undefined) return;
      running.stopped.abort();
      await running.done;
      running = undefined;
      if (stream.isTTY) stream.write(ERASE_LINE);
    },
  };
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
