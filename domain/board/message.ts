import { html } from './render/html.ts';
import type { Locale } from './render/locale.ts';

/** What the screen shows in place of a campaign. */
export type Message =
  | { kind: 'no-campaign' }
  | { kind: 'unknown-campaign'; campaignId: string }
  | { kind: 'mistake'; message: string }
  /** `cause` is an error's name: an operator finds the log line by it, and others learn no details. */
  | { kind: 'failed'; cause: string };

const textOf = (message: Message, locale: Locale): string => {
  const isChinese = locale === 'zh-CN';
  switch (message.kind) {
    case 'no-campaign':
      return isChinese
        ? '还没有开启的活动。收到 presale.started 事件后，这里会显示实时大屏。'
        : 'No campaign is open yet. The screen appears once a presale.started event has come in.';
    case 'unknown-campaign':
      return isChinese
        ? `没有编号为 ${message.campaignId} 的活动，请检查参数 campaign。`
        : `There is no campaign ${message.campaignId}: check the parameter campaign.`;
    case 'mistake':
      return isChinese ? `参数有误：${message.message}` : `A parameter is wrong: ${message.message}`;
    case 'failed':
      return isChinese
        ? `暂时读不到数据（${message.cause}），下次刷新会重试，详情见函数日志。`
        : `The figures could not be read just now (${message.cause}). The next refresh tries again; the function's log says more.`;
    default:
      return message satisfies never;
  }
};

const STYLE = 'box-sizing:border-box;padding:2em;font:1rem/1.5 system-ui,sans-serif;text-align:center';

/** A message as a fragment of HTML. `data-board-message` marks it as a message, so that a page can keep the screen it has. */
export const renderMessage = (message: Message, locale: Locale): string =>
  html`<div class="cwdb-no-default-styles" data-board-message="${message.kind}" lang="${locale}" role="status" style="${STYLE}">
    ${textOf(message, locale)}
  </div>`.html;
