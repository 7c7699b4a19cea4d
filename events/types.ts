/**
 * The event types of the pipeline, each with its schema. A new type needs a line here, a queue in EVENT_QUEUES, a description in
 * `descriptions.ts` and a router in `domain/intake/route.ts` (the compiler asks for these three), a sample beside this file and
 * descriptions of its fields (`npm run contract` asks for these), and a new version of the contract in `asyncapi.ts`.
 */
import type * as z from 'zod/mini';
import { campaignDefinition } from './campaign.ts';
import { capData } from './cap.ts';
import { envelope } from './envelope.ts';
import { extendData } from './extend.ts';
import { erasedData, linkData, memberData } from './member.ts';
import { paidData, refundedData } from './order.ts';
import { switchData } from './switch.ts';

export const EVENT_SCHEMAS = {
  'presale.started': envelope('presale.started', campaignDefinition),
  'campaign.paused': envelope('campaign.paused', switchData),
  'campaign.resumed': envelope('campaign.resumed', switchData),
  'campaign.capped': envelope('campaign.capped', capData),
  'campaign.closed': envelope('campaign.closed', switchData),
  'campaign.extended': envelope('campaign.extended', extendData),
  'order.paid': envelope('order.paid', paidData),
  'order.refunded': envelope('order.refunded', refundedData),
  'member.updated': envelope('member.updated', memberData),
  'member.linked': envelope('member.linked', linkData),
  'member.erased': envelope('member.erased', erasedData),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;

export const EVENT_TYPES = Object.keys(EVENT_SCHEMAS) as readonly EventType[];

/**
 * The queue by which events of each type come. There are two, so that senders of orders need no permission to open, pause or
 * change anything.
 */
export const EVENT_QUEUES: Readonly<Record<EventType, 'events' | 'control'>> = {
  'presale.started': 'control',
  'campaign.paused': 'control',
  'campaign.resumed': 'control',
  'campaign.capped': 'control',
  'campaign.closed': 'control',
  'campaign.extended': 'control',
  'member.updated': 'control',
  'member.linked': 'control',
  'member.erased': 'control',
  'order.paid': 'events',
  'order.refunded': 'events',
};

/** The event of one type, as the parser gives it. */
export type EventOf<Type extends EventType> = z.output<(typeof EVENT_SCHEMAS)[Type]>;

/** Any event that intake accepts, distinguished by `type`. */
export type PipelineEvent = EventOf<EventType>;

export type PresaleStarted = EventOf<'presale.started'>;
/** Pauses a campaign, or resumes it. */
export type CampaignSwitched = EventOf<'campaign.paused' | 'campaign.resumed'>;
/** Closes a campaign's coupons for good. */
export type CampaignClosed = EventOf<'campaign.closed'>;
/** Sets the most that a pool gives. */
export type CampaignCapped = EventOf<'campaign.capped'>;
/** Moves a campaign's end later. */
export type CampaignExtended = EventOf<'campaign.extended'>;
/** What an operator asks of a campaign that was opened. */
export type CampaignCommand = CampaignSwitched | CampaignCapped | CampaignClosed | CampaignExtended;
export type OrderPaid = EventOf<'order.paid'>;
export type OrderRefunded = EventOf<'order.refunded'>;
export type MemberUpdated = EventOf<'member.updated'>;
export type MemberLinked = EventOf<'member.linked'>;
/** Asks to forget a member for good. */
export type MemberErased = EventOf<'member.erased'>;
