import type { WithholdReason } from '#domain/coupons/decide.ts';
import type { RefusalReason } from '#domain/coupons/redeem.ts';
import type { DrawOutcome } from '#domain/free-orders/rules/reasons.ts';
import type { Locale } from './locale.ts';

/** Every word on the screen, in one language. A language that misses one does not compile. */
export type Texts = {
  screen: string;
  live: string;
  ended: string;
  upcoming: string;
  elapsed: (elapsed: string, total: string) => string;
  elapsedDays: (elapsed: string, total: string) => string;
  completeUpTo: string;
  complete: string;
  nothingYet: string;
  netGmv: string;
  paid: string;
  refunded: string;
  lastYearHere: (amount: string) => string;
  onLastYear: string;
  basket: (amount: string) => string;
  orders: string;
  members: string;
  curve: (window: string) => string;
  /** A window of so many of a unit: `a minute`, `every 5 minutes`. */
  windows: Record<'second' | 'minute' | 'hour' | 'day', (count: number) => string>;
  thisYear: string;
  lastYear: string;
  peak: (amount: string, time: string) => string;
  waiting: string;
  waitingUntil: (time: string) => string;
  far: string;
  near: string;
  ordersCount: (count: string) => string;
  brands: string;
  activeBrands: (count: string) => string;
  aboveLine: (line: string) => string;
  doubled: string;
  isNew: string;
  crossedAt: (time: string) => string;
  noBrands: string;
  coupons: string;
  budget: (amount: string) => string;
  issued: string;
  redeemed: string;
  spent: string;
  plan: string;
  ofIssued: (share: string) => string;
  onPlan: string;
  aheadOfPlan: (share: string) => string;
  behindPlan: (share: string) => string;
  nothingPlanned: string;
  expired: (count: string) => string;
  returned: (count: string) => string;
  modelCalls: (count: string) => string;
  withheld: string;
  refused: string;
  nothingWithheld: string;
  withholdReasons: Record<WithholdReason, string>;
  /** The last two are counted by an older version only; its rows stand. */
  refusalReasons: Record<RefusalReason | 'below-threshold' | 'wrong-scope', string>;
  experiment: string;
  confidence: (percent: string) => string;
  conversion: string;
  ordersPerThousand: string;
  netPerMember: string;
  baselineArm: string;
  notYet: string;
  arms: { engine: string; baseline: string; control: string };
  ratioHolds: string;
  ratioMismatch: (pValue: string) => string;
  freeOrders: string;
  participants: string;
  won: string;
  wonShare: (share: string) => string;
  awarded: string;
  odds: (win: string, outOf: string) => string;
  prizesPerSlot: (count: string) => string;
  ofQuota: (quota: string) => string;
  revoked: (count: string) => string;
  commitment: string;
  seed: string;
  seedSealed: string;
  seedUnrevealed: string;
  outcomes: string;
  noOutcomes: string;
  outcomeNames: Record<DrawOutcome, string>;
  milestones: string;
  noMilestones: string;
  brandCrossed: (line: string) => string;
  passedLastYear: string;
  healthy: string;
  healthUnknown: string;
  rejects: (count: string) => string;
  deadLetters: (count: string) => string;
};

const ENGLISH: Texts = {
  screen: 'Live screen of the sale',
  live: 'Live',
  ended: 'Ended',
  upcoming: 'Opens soon',
  elapsed: (elapsed, total) => `${elapsed} of ${total}`,
  elapsedDays: (elapsed, total) => `day ${elapsed} of ${total}`,
  completeUpTo: 'Complete up to',
  complete: 'Complete to the end',
  nothingYet: 'No events yet',
  netGmv: 'Net GMV',
  paid: 'Paid',
  refunded: 'Refunded',
  lastYearHere: (amount) => `last year at this point ${amount}`,
  onLastYear: 'on last year',
  basket: (amount) => `${amount} an order`,
  orders: 'Orders',
  members: 'Members who ordered',
  curve: (window) => `Net GMV ${window}`,
  windows: {
    second: (count) => (count === 1 ? 'a second' : `every ${count} seconds`),
    minute: (count) => (count === 1 ? 'a minute' : `every ${count} minutes`),
    hour: (count) => (count === 1 ? 'an hour' : `every ${count} hours`),
    day: (count) => (count === 1 ? 'a day' : `every ${count} days`),
  },
  thisYear: 'This year',
  lastYear: 'Last year',
  peak: (amount, time) => `Peak ${amount} at ${time}`,
  waiting: 'Waiting for the first order',
  waitingUntil: (time) => `Opens at ${time}`,
  far: 'E-commerce',
  near: 'Instant retail',
  ordersCount: (count) => `${count} orders`,
  brands: 'Brands',
  activeBrands: (count) => `${count} selling`,
  aboveLine: (line) => `above ${line}`,
  doubled: 'over twice last year',
  isNew: 'new',
  crossedAt: (time) => `crossed the line at ${time}`,
  noBrands: 'No brand has sold yet',
  coupons: 'Coupons',
  budget: (amount) => `budget ${amount}`,
  issued: 'Issued',
  redeemed: 'Redeemed',
  spent: 'Spent',
  plan: 'Plan',
  ofIssued: (share) => `${share} of issued`,
  onPlan: 'On plan',
  aheadOfPlan: (share) => `${share} ahead of plan`,
  behindPlan: (share) => `${share} behind plan`,
  nothingPlanned: 'Nothing planned yet',
  expired: (count) => `${count} expired`,
  returned: (count) => `${count} given back`,
  modelCalls: (count) => `${count} model calls`,
  withheld: 'No coupon, because',
  refused: 'Refused at the till, because',
  nothingWithheld: 'None withheld so far',
  withholdReasons: {
    control: 'control arm',
    'limit-reached': 'member’s limit reached',
    'not-eligible': 'no offer for the member',
    'not-worth-its-price': 'not worth its price',
    'budget-empty': 'budget spent',
    explored: 'none, by chance',
    'already-expired': 'would have expired',
    'too-late-to-decide': 'too late to decide',
  },
  refusalReasons: {
    unknown: 'unknown coupon',
    foreign: 'somebody else’s coupon',
    expired: 'expired',
    used: 'used before',
    'too-many-lines': 'too many parts',
    'below-threshold': 'order too small',
    'wrong-scope': 'out of its scope',
  },
  experiment: 'Experiment',
  confidence: (percent) => `intervals hold with ${percent} at every look`,
  conversion: 'Conversion vs baseline',
  ordersPerThousand: 'Orders per 1,000 vs control',
  netPerMember: 'Net ¥ a member vs control',
  baselineArm: 'the baseline arm',
  notYet: 'not yet known',
  arms: { engine: 'Engine', baseline: 'Baseline', control: 'Control' },
  ratioHolds: 'Arms as assigned',
  ratioMismatch: (pValue) => `Arms not as assigned, p ${pValue}`,
  freeOrders: 'Free orders',
  participants: 'Participants',
  won: 'Free orders won',
  wonShare: (share) => `${share} won`,
  awarded: 'Awarded',
  odds: (win, outOf) => `odds ${win} in ${outOf}`,
  prizesPerSlot: (count) => `${count} prizes a slot`,
  ofQuota: (quota) => `of ${quota}`,
  revoked: (count) => `${count} revoked`,
  commitment: 'Commitment',
  seed: 'Seed',
  seedSealed: 'sealed until the sale ends',
  seedUnrevealed: 'not revealed yet',
  outcomes: 'Did not win, because',
  noOutcomes: 'Nobody has drawn yet',
  outcomeNames: {
    won: 'won',
    'outside-campaign': 'outside the sale',
    'slot-closed': 'after its slot closed',
    refunded: 'refunded before the draw',
    'blocked-member': 'blocked member',
    'wrong-channel': 'wrong channel',
    'wrong-store': 'wrong store',
    'outside-period': 'outside its period',
    'outside-hours': 'outside its hours',
    'below-minimum': 'order too small',
    'wrong-tier': 'wrong tier',
    'not-first-order': 'not the first order',
    'not-drawn': 'not drawn',
    'member-day-limit': 'won today already',
    'member-campaign-limit': 'won in this sale already',
    'quota-exhausted': 'all prizes given',
    'budget-exhausted': 'budget spent',
  },
  milestones: 'Milestones',
  noMilestones: 'None yet',
  brandCrossed: (line) => `crossed ${line}`,
  passedLastYear: 'Passed the whole of last year',
  healthy: 'No rejects, no dead letters',
  healthUnknown: 'Queues not looked at yet',
  rejects: (count) => `Rejects ${count}`,
  deadLetters: (count) => `Dead letters ${count}`,
};

const CHINESE: Texts = {
  screen: '大促实时战况',
  live: '进行中',
  ended: '已结束',
  upcoming: '即将开始',
  elapsed: (elapsed, total) => `${elapsed} / ${total}`,
  elapsedDays: (elapsed, total) => `第 ${elapsed} / ${total} 天`,
  completeUpTo: '数据完整至',
  complete: '全部数据已完整',
  nothingYet: '暂无数据',
  netGmv: '净成交额',
  paid: '支付',
  refunded: '退款',
  lastYearHere: (amount) => `去年同期 ${amount}`,
  onLastYear: '较去年同期',
  basket: (amount) => `笔单价 ${amount}`,
  orders: '订单',
  members: '下单会员',
  curve: (window) => `${window}净成交额`,
  windows: {
    second: (count) => (count === 1 ? '每秒' : `每 ${count} 秒`),
    minute: (count) => (count === 1 ? '每分钟' : `每 ${count} 分钟`),
    hour: (count) => (count === 1 ? '每小时' : `每 ${count} 小时`),
    day: (count) => (count === 1 ? '每日' : `每 ${count} 日`),
  },
  thisYear: '今年',
  lastYear: '去年',
  peak: (amount, time) => `峰值 ${amount}（${time}）`,
  waiting: '等待第一笔订单',
  waitingUntil: (time) => `${time} 开场`,
  far: '远场电商',
  near: '近场即时零售',
  ordersCount: (count) => `${count} 单`,
  brands: '品牌',
  activeBrands: (count) => `${count} 个品牌动销`,
  aboveLine: (line) => `个品牌破 ${line}`,
  doubled: '个品牌超去年两倍',
  isNew: '新',
  crossedAt: (time) => `${time} 破线`,
  noBrands: '尚无品牌成交',
  coupons: '优惠券',
  budget: (amount) => `预算 ${amount}`,
  issued: '已发放',
  redeemed: '已核销',
  spent: '已用预算',
  plan: '计划',
  ofIssued: (share) => `占发放 ${share}`,
  onPlan: '与计划一致',
  aheadOfPlan: (share) => `快于计划 ${share}`,
  behindPlan: (share) => `慢于计划 ${share}`,
  nothingPlanned: '尚无计划支出',
  expired: (count) => `过期 ${count}`,
  returned: (count) => `退回 ${count}`,
  modelCalls: (count) => `模型调用 ${count} 次`,
  withheld: '未发券原因',
  refused: '拒绝核销原因',
  nothingWithheld: '尚无未发券',
  withholdReasons: {
    control: '对照组',
    'limit-reached': '已达会员上限',
    'not-eligible': '无适用的券',
    'not-worth-its-price': '增益低于券价',
    'budget-empty': '预算已用完',
    explored: '随机不发',
    'already-expired': '券已到期',
    'too-late-to-decide': '过迟，不决策',
  },
  refusalReasons: {
    unknown: '无此券',
    foreign: '他人的券',
    expired: '已过期',
    used: '已使用',
    'too-many-lines': '分单过多',
    'below-threshold': '未达门槛',
    'wrong-scope': '不在适用范围',
  },
  experiment: '实验',
  confidence: (percent) => `随时查看均有 ${percent} 置信`,
  conversion: '核销率对比基线',
  ordersPerThousand: '每千人订单对比对照组',
  netPerMember: '人均净额（元）对比对照组',
  baselineArm: '基线组',
  notYet: '尚不可知',
  arms: { engine: '引擎', baseline: '基线', control: '对照组' },
  ratioHolds: '分组比例正常',
  ratioMismatch: (pValue) => `分组比例异常，p ${pValue}`,
  freeOrders: '免单',
  participants: '参与人数',
  won: '免单中奖',
  wonShare: (share) => `${share} 中奖`,
  awarded: '免单金额',
  odds: (win, outOf) => `中奖率 ${win} / ${outOf}`,
  prizesPerSlot: (count) => `每场 ${count} 份`,
  ofQuota: (quota) => `共 ${quota} 份`,
  revoked: (count) => `撤回 ${count}`,
  commitment: '种子承诺',
  seed: '种子',
  seedSealed: '活动结束后公布',
  seedUnrevealed: '尚未公布',
  outcomes: '未中奖原因',
  noOutcomes: '尚无人参与',
  outcomeNames: {
    won: '中奖',
    'outside-campaign': '不在活动时间内',
    'slot-closed': '场次已结束',
    refunded: '开奖前已退款',
    'blocked-member': '会员被限制',
    'wrong-channel': '渠道不符',
    'wrong-store': '门店不符',
    'outside-period': '不在活动时段',
    'outside-hours': '不在每日时段',
    'below-minimum': '未达最低金额',
    'wrong-tier': '会员等级不符',
    'not-first-order': '非首单',
    'not-drawn': '未抽中',
    'member-day-limit': '当日已中奖',
    'member-campaign-limit': '本次已中奖',
    'quota-exhausted': '名额已发完',
    'budget-exhausted': '预算已用完',
  },
  milestones: '里程碑',
  noMilestones: '暂无',
  brandCrossed: (line) => `突破 ${line}`,
  passedLastYear: '已超去年全程',
  healthy: '无拒收，无死信',
  healthUnknown: '队列尚未检查',
  rejects: (count) => `拒收 ${count}`,
  deadLetters: (count) => `死信 ${count}`,
};

export const TEXTS: Readonly<Record<Locale, Texts>> = { 'zh-CN': CHINESE, en: ENGLISH };

/** The words of a reason code; a code that the dictionary does not know is shown as it is. */
export const nameOf = (names: Readonly<Record<string, string>>, code: string): string =>
  Object.hasOwn(names, code) ? names[code]! : code;
