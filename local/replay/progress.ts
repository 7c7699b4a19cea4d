/** The progress of a replay in the terminal. */
import { formatCount, formatSeconds } from '#local/console/format.ts';
import { printableLines } from '#local/console/printable.ts';

const BAR_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5_000;
const BAR_CELLS = 24;
const ERASE_LINE = '\r\u001b[K';

/** The progress of a run: records sent and in total, messages waiting in the pipeline, and ms since the run began to send. */
export type Stage = { sent: number; total: number; waiting: number; elapsedMs: number };

/** A stage in words: `45,000 of 100,000 sent, 8,100/s, 37 messages waiting, 7 s left`. */
export const stageText = ({ sent, total, waiting, elapsedMs }: Stage): string => {
  const counts = `${formatCount(sent)} of ${formatCount(total)} sent`;
  const backlog = `${formatCount(waiting)} ${waiting === 1 ? 'message' : 'messages'} waiting`;
  if (sent === total) return `${counts}, ${backlog}, counting`;
  const rate = elapsedMs === 0 ? 0 : sent / (elapsedMs / 1_000);
  const left = rate === 0 ? '' : `, ${formatSeconds((total - sent) / rate)} left`;
  return `${counts}, ${formatCount(Math.round(rate))}/s, ${backlog}${left}`;
};

/** A stage as one line with a bar, no longer than the terminal is wide. */
export const stageBar = (stage: Stage, columns: number): string => {
  const share = stage.total === 0 ? 1 : stage.sent / stage.total;
  const full = Math.floor(share * BAR_CELLS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${stageText(stage)}`.slice(0, columns - 1);
};

export type Progress = {
  /** Starts showing the stage again and again, until stopped. */
  start(stage: () => Stage): void;
  stop(): void;
  /** Prints a line without damaging the bar. */
  note(text: string): void;
};

/** Shows progress on a stream: a bar on a terminal, a line every few seconds elsewhere. */
export const createProgress = (stream: NodeJS.WriteStream): Progress => {
  let timer: NodeJS.Timeout | undefined;
  const columns = () => stream.columns ?? 80;
  return {
    start(stage) {
      timer = setInterval(
        () => {
          if (stream.isTTY) stream.write(ERASE_LINE + stageBar(stage(), columns()));
          else stream.write(`${stageText(stage())}\n`);
        },
        stream.isTTY ? BAR_INTERVAL_MS : LINE_INTERVAL_MS,
      );
    },
    stop() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      if (stream.isTTY) stream.write(ERASE_LINE);
    },
    note(text) {
      stream.write(`${stream.isTTY && timer !== undefined ? ERASE_LINE : ''}${printableLines(text)}\n`);
    },
  };
};
