import { beforeEach, describe, expect, it, vi } from 'vitest';
import { renderMessage } from '#domain/board/message.ts';
import { parseRequest } from '#domain/board/request.ts';
import { makeHandler } from '#lambdas/board/handler.ts';
import { testOutside } from '../support/runtime.ts';

/** The context that the console sends with a widget that has no parameters. */
const CONTEXT = {
  dashboardName: 'Sale',
  widgetId: 'widget-1',
  accountId: '012345678901',
  locale: 'zh_CN',
  timezone: { label: 'UTC+8', offsetISO: '+08:00', offsetInMinutes: -480 },
  period: 300,
  isAutoPeriod: true,
  timeRange: { mode: 'relative', start: 1, end: 2 },
  theme: 'dark',
  linkCharts: true,
  title: 'Sale',
  forms: { all: {} },
  params: {},
  width: 1_280,
  height: 720,
};

describe('what a widget asks for', () => {
  it('is, without parameters, the campaign that is on, in the console’s language, theme and time zone', () => {
    expect(parseRequest({ widgetContext: CONTEXT })).toEqual({
      kind: 'board',
      request: {
        campaignId: undefined,
        theme: 'dark',
        asked: { locale: undefined, offsetMinutes: undefined },
        viewer: { locale: 'zh-CN', offsetMinutes: 480 },
      },
    });
  });

  it('is what the widget’s parameters say, rather than what the console says', () => {
    const asked = {
      campaign: 'sale',
      locale: 'en',
      theme: 'light',
      utcOffset: '-03:30',
      widgetContext: CONTEXT,
    };
    expect(parseRequest(asked)).toEqual({
      kind: 'board',
      request: {
        campaignId: 'sale',
        theme: 'light',
        asked: { locale: 'en', offsetMinutes: -210 },
        viewer: { locale: 'zh-CN', offsetMinutes: 480 },
      },
    });
  });

  it.each([[undefined], [null], [{}]])('may be nothing at all: %j', (event) => {
    expect(parseRequest(event)).toEqual({
      kind: 'board',
      request: {
        campaignId: undefined,
        theme: 'auto',
        asked: { locale: undefined, offsetMinutes: undefined },
        viewer: { locale: 'en', offsetMinutes: undefined },
      },
    });
  });

  it.each([
    [{ locale: 'fr' }, 'locale: expected "zh-CN" or "en", got "fr"'],
    [{ theme: 'pink' }, 'theme: expected "dark" or "light" or "auto", got "pink"'],
    [{ campain: 'sale' }, 'campain: expected no such field, got "sale"'],
    ...['8', '+99:99', '+14:01', '+08:60', '+15:00'].map((utcOffset): [object, string] => [
      { utcOffset },
      `utcOffset: expected an offset from UTC such as "+08:00", from "-14:00" to "+14:00", got "${utcOffset}"`,
    ]),
    [
      { campaign: 'a/b' },
      'campaign: expected 1 to 64 letters, digits, dots, underscores or hyphens, the first a letter or digit, got "a/b"',
    ],
  ])('is refused with a message that says what was expected: %j', (event, message) => {
    expect(parseRequest(event)).toEqual({ kind: 'mistake', message });
  });
});

describe('the board function', () => {
  const send = vi.fn();
  const outside = testOutside({ clients: { dynamodb: { send } } });
  const handler = makeHandler(outside);
  beforeEach(() => {
    send.mockReset();
  });

  it('describes itself in Markdown, with every parameter', async () => {
    const text = await handler({ describe: true });
    for (const name of ['campaign', 'locale', 'theme', 'utcOffset'])
      expect(text).toContain(`| \`${name}\` |`);
    expect(send).not.toHaveBeenCalled();
  });

  it('answers a failure with its name and without a stack trace, and logs the rest', async () => {
    const log = vi.spyOn(outside.logger, 'error');
    send.mockRejectedValue(Object.assign(new Error('secret of the table'), { name: 'ThrottlingException' }));
    const answer = await handler({ locale: 'en' });
    expect(answer).toContain('The figures could not be read just now (ThrottlingException).');
    expect(answer).toContain('data-board-message="failed"');
    expect(answer).not.toMatch(/secret|\.ts/);
    expect(log).toHaveBeenCalledWith(
      'no screen',
      expect.objectContaining({ message: 'secret of the table' }),
    );
  });

  it('says so if no campaign is open', async () => {
    send.mockResolvedValue({});
    expect(await handler({ locale: 'en' })).toContain('No campaign is open yet');
    expect(await handler({ locale: 'zh-CN' })).toContain('还没有开启的活动');
  });

  it('answers a mistake without reading anything', async () => {
    expect(await handler({ locale: 'fr' })).toContain('A parameter is wrong: locale');
    expect(send).not.toHaveBeenCalled();
  });
});

it('a message is text and never markup', () => {
  const html = renderMessage({ kind: 'mistake', message: '<script>alert(1)</script>' }, 'en');
  expect(html).toContain('&lt;script&gt;');
  expect(html).not.toContain('<script>');
});
