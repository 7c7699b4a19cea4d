/** The page that lists refused events. */
import { html } from '#domain/board/render/html.ts';
import type { Locale } from '#domain/board/render/locale.ts';
import type { Reject } from '#domain/intake/rejects.ts';
import type { Pipeline } from '../aws/pipeline.ts';

/** The first refused events, in the order in which they came, and how many refused events there are in all. */
export type RejectList = { first: readonly Reject[]; count: number };
export type ListRejects = () => Promise<RejectList>;

/** The most refusals on the page: enough to see what is wrong with a producer. */
const LISTED_MAX = 100;
/** The most characters of an event on the page: enough to find it again. */
const SHOWN_MAX = 600;

/** Reads the first refusals in the rejects queue, and leaves the queue as it is. */
export const rejectsOf =
  ({ messages }: Pick<Pipeline, 'messages'>): ListRejects =>
  async () => {
    const bodies = await messages('rejects');
    return {
      first: bodies.slice(0, LISTED_MAX).map((body) => JSON.parse(body) as Reject),
      count: bodies.length,
    };
  };

const TEXTS = {
  en: {
    title: 'Refused events',
    none: 'No event has been refused.',
    listed: (listed: number, count: number) => `${listed} of ${count}, as they came`,
    heads: ['Received', 'Reason', 'What was expected', 'The event'],
    back: 'Back to the screen',
  },
  'zh-CN': {
    title: '拒收事件',
    none: '没有拒收的事件。',
    listed: (listed: number, count: number) => `共 ${count} 条，按到达顺序列出 ${listed} 条`,
    heads: ['收到时间', '原因', '应为', '事件'],
    back: '返回大屏',
  },
} as const;

const contentOf = ({ event, body, deflated, cut }: Reject): string => {
  const text = event === undefined ? (body ?? cut?.prefix ?? deflated ?? '') : JSON.stringify(event);
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
};

/** A page that lists refused events. It contains no script. */
export const rejectsPage = ({ first, count }: RejectList, locale: Locale): string => {
  const texts = TEXTS[locale];
  return `<!doctype html>${
    html`<html lang="${locale}">
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>${texts.title}</title>
      <link rel="icon" href="data:,">
      <link rel="stylesheet" href="/inter/inter.css">
      <link rel="stylesheet" href="/rejects.css">
    </head>
    <body>
      <main>
        <p><a href="/?locale=${locale}">← ${texts.back}</a></p>
        <h1>${texts.title}</h1>
        <p>${count === 0 ? texts.none : texts.listed(first.length, count)}</p>
        ${
          count === 0
            ? undefined
            : html`<table>
          <thead><tr>${texts.heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
          <tbody>${first.map(
            (reject) =>
              html`<tr><td>${reject.receivedAt}</td><td>${reject.reason}</td><td>${reject.message}</td><td><code>${contentOf(reject)}</code></td></tr>`,
          )}</tbody>
        </table>`
        }
      </main>
    </body>
  </html>`.html
  }`;
};
