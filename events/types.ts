/** The event types of the pipeline, each with its schema. */
import type * as z from 'zod/mini';
import { campaignDefinition } from './campaign.ts';
import { envelope } from './envelope.ts';
import { memberData } from './member.ts';
import { orderData } from './order.ts';

export const presaleStarted = envelope('presale.started', campaignDefinition);
export const orderPaid = envelope('order.paid', orderData);
export const orderRefunded = envelope('order.refunded', orderData);
export const memberUpdated = envelope('member.updated', memberData);

export type PresaleStarted = z.output<typeof presaleStarted>;
export type OrderPaid = z.output<typeof orderPaid>;
export type OrderRefunded = z.output<typeof orderRefunded>;
export type MemberUpdated = z.output<typeof memberUpdated>;

/** Any event that the front door takes, told apart by `type`. */
export type PipelineEvent = PresaleStarted | OrderPaid | OrderRefunded | MemberUpdated;

export const EVENT_SCHEMAS = {
  'presale.started': presaleStarted,
  'order.paid': orderPaid,
  'order.refunded': orderRefunded,
  'member.updated': memberUpdated,
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;

export const EVENT_TYPES = Object.keys(EVENT_SCHEMAS) as readonly EventType[];
