import * as z from 'zod/mini';
import { firstFault } from '#events/faults.ts';
import { campaignId, record } from '#events/fields.ts';
import { LOCALES, type Locale } from './render/locale.ts';
import type { Theme } from './render/theme.ts';

/** What to show, and how. */
export type BoardRequest = {
  /** Undefined if no campaign is named: then `campaignToShow` chooses one. */
  campaignId: string | undefined;
  theme: Theme;
  /** What the widget's parameters say. It overrides what the sale's definition says. */
  asked: { locale: Locale | undefined; offsetMinutes: number | undefined };
  /** What the viewer's console says. It counts where parameters and definition say nothing. Offsets are minutes ahead of UTC. */
  viewer: { locale: Locale; offsetMinutes: number | undefined };
};

export type Asked =
  | { kind: 'documentation' }
  | { kind: 'board'; request: BoardRequest }
  | { kind: 'mistake'; message: string };

const OFFSET_EXPECTED = 'an offset from UTC such as "+08:00", from "-14:00" to "+14:00"';
/** At most 14 hours: no clock on Earth is further from UTC. */
const OFFSET = /^([+-])(0\d(?=:[0-5])|1[0-3](?=:[0-5])|14(?=:00)):(\d{2})$/;

const locale = z.enum(LOCALES, { error: `one of ${LOCALES.join(', ')}` });
const theme = z.enum(['dark', 'light', 'auto'], { error: 'one of dark, light, auto' });

/** Only the fields used are checked: CloudWatch may add others to a widget's context. */
const widgetContext = z.object({
  locale: z.optional(z.string()),
  theme: z.optional(z.string()),
  timezone: z.optional(z.object({ offsetISO: z.optional(z.string()) })),
});

/** The widget's own parameters, and the context that CloudWatch adds. */
const event = record({
  describe: z.optional(z.boolean({ error: 'true or false' })),
  campaign: z.optional(campaignId),
  locale: z.optional(locale),
  theme: z.optional(theme),
  utcOffset: z.optional(
    z.string({ error: OFFSET_EXPECTED }).check(z.regex(OFFSET, { error: OFFSET_EXPECTED })),
  ),
  widgetContext: z.optional(widgetContext),
});

const offsetMinutesOf = (text: string | undefined): number | undefined => {
  const [, sign, hours, minutes] = OFFSET.exec(text ?? '') ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};

/** The console's own language and theme, which parameters override. `zh_CN` and `zh-CN` are the same. */
const localeOf = (text = ''): Locale => (text.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');
const themeOf = (text: string | undefined): Theme => (text === 'dark' || text === 'light' ? text : 'auto');

/** Parses the event of a custom widget strictly: an unknown parameter is a mistake in the widget's settings. */
export const parseRequest = (value: unknown): Asked => {
  const result = z.safeParse(event, value ?? {});
  if (!result.success) {
    return { kind: 'mistake', message: firstFault(result.error.issues, value, 'parameters').message };
  }
  const { describe, campaign, widgetContext: context = {}, ...asked } = result.data;
  if (describe === true) return { kind: 'documentation' };
  return {
    kind: 'board',
    request: {
      campaignId: campaign,
      theme: asked.theme ?? themeOf(context.theme),
      asked: { locale: asked.locale, offsetMinutes: offsetMinutesOf(asked.utcOffset) },
      viewer: {
        locale: localeOf(context.locale),
        offsetMinutes: offsetMinutesOf(context.timezone?.offsetISO),
      },
    },
  };
};
