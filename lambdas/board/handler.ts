import { DOCUMENTATION } from '#domain/board/documentation.ts';
import { renderMessage } from '#domain/board/message.ts';
import { readView } from '#domain/board/read.ts';
import { renderBoard } from '#domain/board/render.ts';
import { type BoardRequest, parseRequest } from '#domain/board/request.ts';
import { logger } from '#platform/batch.ts';
import { publishConsumption } from '#platform/capacity.ts';

const board = async ({ campaignId, ...look }: BoardRequest, nowMs: number): Promise<string> => {
  const view = await readView(campaignId, nowMs);
  if (view !== undefined) return renderBoard(view, look);
  const message =
    campaignId === undefined
      ? ({ kind: 'no-campaign' } as const)
      : ({ kind: 'unknown-campaign', campaignId } as const);
  return renderMessage(message, look.locale);
};

/**
 * A CloudWatch custom widget: its parameters in, HTML out. It never rejects, because the console would show the stack trace
 * to whoever looks; the log has it.
 */
export const handler = async (event: unknown): Promise<string> => {
  const asked = parseRequest(event);
  switch (asked.kind) {
    case 'documentation':
      return DOCUMENTATION;
    case 'mistake':
      return renderMessage(asked, 'en');
    case 'board':
      try {
        return await board(asked.request, Date.now());
      } catch (error) {
        const cause = error instanceof Error ? error : new Error(String(error));
        logger.error('no screen', cause);
        return renderMessage({ kind: 'failed', cause: cause.name }, asked.request.locale);
      } finally {
        publishConsumption();
      }
    default:
      return asked satisfies never;
  }
};
