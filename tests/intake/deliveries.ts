import type { Delivery } from '#domain/intake/delivery.ts';
import { route } from '#domain/intake/route.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { seededRandom } from '../support/random.ts';

/** Deliveries to intake, their events, and what intake makes of them. */

export const NOW_MS = Date.parse('2026-11-10T12:30:00.000Z');
export const WAIT_MS = 300_000;

export const sale = (changes: Partial<CampaignSettings> = {}): CampaignSettings => ({
  campaignId: 'sale',
  startsAtMs: Date.parse('2026-11-10T12:00:00.000Z'),
  endsAtMs: Date.parse('2026-11-10T13:00:00.000Z'),
  windowMs: 10_000,
  shards: 1,
  horizonMs: 3_600_000,
  ...changes,
});

export const order = (changes: Record<string, unknown> = {}, data: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  type: 'order.paid',
  id: 'e1',
  source: 'urn:shop',
  time: '2026-11-10T12:10:00.000Z',
  data: { orderId: 'o1', memberId: 'm1', brandId: 'lotus', channel: 'far', amountFen: 1999, ...data },
  ...changes,
});

export const delivery = (body: unknown, changes: Partial<Delivery> = {}): Delivery => ({
  messageId: 'message-1',
  door: 'events',
  sender: 'AROAPRODUCER:shop',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  sentMs: NOW_MS,
  ...changes,
});

export const ARMS = { arms: { engine: 40, baseline: 30, control: 30 }, salt: 'salt' };

export const receive = (
  deliveries: Delivery[],
  campaigns = [sale()],
  senders: Readonly<Record<string, readonly string[]>> = {},
) =>
  route(deliveries, {
    campaigns: campaigns.map((settings) => ({
      settings,
      hasCoupons: settings.campaignId.startsWith('coupons'),
      hasFreeOrders: settings.campaignId.startsWith('free'),
      asksFirstOrders: settings.campaignId.startsWith('free-first'),
      ...(settings.campaignId.endsWith('arms') ? { assignment: ARMS } : {}),
    })),
    nowMs: NOW_MS,
    waitMs: WAIT_MS,
    senders,
  });

/** Text that no compression shortens by much. */
export const noise = (length: number): string => {
  const random = seededRandom(7);
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(random() * 90))).join('');
};
