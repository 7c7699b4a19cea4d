import type { LogRecord } from '#local/aws/pipeline.ts';

const LINES_SHOWN_MAX = 10;
const LINE_CHARACTERS_MAX = 300;

/** Shows the first warnings and errors of the functions. The log file, if there is one, has all of them. */
export const logShower = (note: (text: string) => void): ((record: LogRecord) => void) => {
  let shown = 0;
  return ({ functionName, level, line }) => {
    shown += 1;
    if (shown <= LINES_SHOWN_MAX) note(`${functionName}: ${level} ${line.slice(0, LINE_CHARACTERS_MAX)}`);
    else if (shown === LINES_SHOWN_MAX + 1) {
      note('more warnings and errors follow; --log FILE keeps them all');
    }
  };
};
