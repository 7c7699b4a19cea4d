import { DOCUMENTATION } from '#domain/board/documentation.ts';
import { lookOf } from '#domain/board/look.ts';
import { renderMessage } from '#domain/board/message.ts';
import { readView } from '#domain/board/read.ts';
import { renderBoard } from '#domain/board/render.ts';
import { type BoardRequest, parseRequest } from '#domain/board/request.ts';
import { asError } from '#platform/log.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** The language of a message that is shown instead of a sale, so no sale's definition can say it. */
const localeOf = ({ asked, viewer }: BoardRequest) => asked.locale ?? viewer.locale;

const board = async (runtime: Runtime, request: BoardRequest, nowMs: number): Promise<string> => {
  const { campaignId } = request;
  const view = await readView(runtime, campaignId, nowMs);
  if (view !== undefined) return renderBoard(view, lookOf(request, view.display, nowMs));
  const message =
    campaignId === undefined
      ? ({ kind: 'no-campaign' } as const)
      : ({ kind: 'unknown-campaign', campaignId } as const);
  return renderMessage(message, localeOf(request));
};

/**
 * A CloudWatch custom widget: parameters in, HTML out. It never rejects, because the console would show the stack trace to
 * the viewer. The trace is in the log.
 */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return async (event: unknown): Promise<string> => {
    const asked = parseRequest(event);
    switch (asked.kind) {
      case 'documentation':
        return DOCUMENTATION;
      case 'mistake':
        return renderMessage(asked, 'en');
      case 'board':
        try {
          return await board(runtime, asked.request, runtime.clock.nowMs());
        } catch (error) {
          const cause = asError(error);
          runtime.logger.error('no screen', cause);
          return renderMessage({ kind: 'failed', cause: cause.name }, localeOf(asked.request));
        } finally {
          runtime.consumption.publish();
        }
      default:
        return asked satisfies never;
    }
  };
};

export const handler = makeHandler(lambdaOutside());
