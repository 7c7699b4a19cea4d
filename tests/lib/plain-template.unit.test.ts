import { describe, expect, it } from 'vitest';
import { contextOfCdkJson } from '#lib/context.ts';
import { plainTemplate } from '#lib/plain-template.ts';
import { readSettings } from '#lib/settings.ts';
import { templateWith } from '#lib/template.ts';

/** The template that a run without the CDK uses, with these settings. */
const stored = (context: Readonly<Record<string, unknown>> = {}) => {
  const ofCdkJson = contextOfCdkJson();
  return templateWith(readSettings((key) => context[key] ?? ofCdkJson[key]));
};

describe('the stored template', () => {
  it('is what the CDK synthesizes now: npm run template writes it anew', () => {
    expect(stored()).toEqual(plainTemplate());
  });

  it.each([
    { campaignWaitSeconds: '20' },
    { metricsWindowSeconds: '1', rollupWindowSeconds: '30' },
    { allowRehearsals: 'true' },
    { readsPlaces: 'true' },
    { senders: '{"urn:shop": ["AROA1:"]}' },
  ])('takes settings as the CDK does: %o', (context) => {
    expect(stored(context)).toEqual(plainTemplate(context));
    expect(stored(context)).not.toEqual(stored());
  });
});
