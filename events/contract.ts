/** The event contract: what enters the pipeline, how it is checked, and why an event is refused. */
export {
  brandLineFenOf,
  type CampaignDefinition,
  type CampaignSettings,
  campaignSettings,
  extendedSettings,
  plannedEndOf,
} from './campaign.ts';
export type { OrderData } from './order.ts';
export { CLOCK_SKEW_MS, parseBody, parseCampaignDefinition, parseEvent } from './parse.ts';
export { type Rejection, type RejectReason, rejection } from './rejection.ts';
export { formatTime, parseTime } from './time.ts';
export type {
  CampaignCapped,
  CampaignClosed,
  CampaignCommand,
  CampaignExtended,
  CampaignSwitched,
  EventOf,
  EventType,
  MemberErased,
  MemberLinked,
  MemberUpdated,
  OrderPaid,
  OrderRefunded,
  PipelineEvent,
  PresaleStarted,
} from './types.ts';
export { EVENT_QUEUES } from './types.ts';
