/** Which events the contract accepts: the oracle's own check, written from the descriptions in events/. */

const ID = /^[^\s\p{Cc}\u2028\u2029]([^\p{Cc}\u2028\u2029]{0,126}[^\s\p{Cc}\u2028\u2029])?$/u;
const TIME = /^(?:19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;
const AMOUNT_FEN_MAX = 10_000_000_000;
/** An event's time may be at most this far after the event is sent: a producer's clock may be wrong by this much. */
const AHEAD_MS = 300_000;

const ORDER = new Set([
  'orderId',
  'memberId',
  'brandId',
  'channel',
  'storeId',
  'amountFen',
  'discountFen',
  'couponId',
]);

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (value: unknown): boolean => typeof value === 'string' && ID.test(value) && value.isWellFormed();

const isTime = (value: unknown): value is string =>
  typeof value === 'string' &&
  TIME.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  new Date(value).toISOString().startsWith(value.slice(0, 19));

const hasOnly = (fields: Fields, names: ReadonlySet<string>): boolean =>
  Object.keys(fields).every((name) => names.has(name));

const isAmount = (fen: unknown, leastFen: number): boolean =>
  Number.isInteger(fen) && (fen as number) >= leastFen && (fen as number) <= AMOUNT_FEN_MAX;

const isOrder = (data: Fields, leastFen: number): boolean => {
  const { channel, storeId, amountFen, discountFen, couponId } = data;
  return (
    hasOnly(data, ORDER) &&
    [data.orderId, data.memberId, data.brandId].every(isId) &&
    (couponId === undefined || isId(couponId)) &&
    isAmount(amountFen, leastFen) &&
    (discountFen === undefined || isAmount(discountFen, 0)) &&
    ((channel === 'far' && storeId === undefined) || (channel === 'near' && isId(storeId)))
  );
};

const isTier = (data: Fields): boolean =>
  hasOnly(data, new Set(['memberId', 'tier'])) &&
  isId(data.memberId) &&
  (data.tier === undefined || isId(data.tier));

const isErasure = (data: Fields): boolean => hasOnly(data, new Set(['memberId'])) && isId(data.memberId);

const isLink = (data: Fields): boolean =>
  hasOnly(data, new Set(['memberId', 'aliasId'])) &&
  isId(data.memberId) &&
  isId(data.aliasId) &&
  data.memberId !== data.aliasId;

/** The workloads send only sound definitions, so only id and span are checked. */
const isDefinition = ({ campaignId, startsAt, endsAt }: Fields): boolean =>
  isId(campaignId) && isTime(startsAt) && isTime(endsAt) && Date.parse(startsAt) < Date.parse(endsAt);

const isSwitch = (data: Fields): boolean => hasOnly(data, new Set(['campaignId'])) && isId(data.campaignId);

const isExtension = (data: Fields): boolean =>
  hasOnly(data, new Set(['campaignId', 'endsAt'])) && isId(data.campaignId) && isTime(data.endsAt);

const isCeiling = (data: Fields): boolean =>
  hasOnly(data, new Set(['campaignId', 'pool', 'ceilingFen'])) &&
  isId(data.campaignId) &&
  isId(data.pool) &&
  Number.isInteger(data.ceilingFen);

const CHECKS: Readonly<Record<string, (data: Fields) => boolean>> = {
  'order.paid': (data) => isOrder(data, 0),
  'order.refunded': (data) => isOrder(data, 1) && data.discountFen === undefined,
  'member.updated': isTier,
  'member.linked': isLink,
  'member.erased': isErasure,
  'presale.started': isDefinition,
  'campaign.paused': isSwitch,
  'campaign.resumed': isSwitch,
  'campaign.capped': isCeiling,
  'campaign.closed': isSwitch,
  'campaign.extended': isExtension,
};

/** Whether a value is not an acceptable event at the time it is sent. */
export const isBad = (value: unknown, sentMs: number): boolean => {
  if (!isObject(value) || value.specversion !== '1.0') return true;
  const { type, id, source, time, data } = value;
  const check = typeof type === 'string' ? CHECKS[type] : undefined;
  if (check === undefined || !isObject(data) || !isId(id) || typeof source !== 'string') return true;
  return !isTime(time) || Date.parse(time) > sentMs + AHEAD_MS || !check(data);
};
