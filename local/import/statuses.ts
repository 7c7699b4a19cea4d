/** What an order in a state means: a sale, a refund alone, a sale that was given back, or nothing that counts. */
export const VERDICTS = ['paid', 'refunded', 'both', 'ignored'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Words in a column with an order's state, by their meaning. */
const STATE_WORDS: Readonly<Record<Verdict, readonly string[]>> = {
  paid: [
    ...['paid', 'complete', 'completed', 'processing', 'shipped', 'shipping', 'delivered', 'fulfilled'],
    ...['success', 'succeeded', 'settled', 'approved', 'invoiced'],
    ...['unshipped', 'partiallyshipped', 'partially_shipped', 'dispatched', 'partially fulfilled'],
    ...['shipped - delivered to buyer', 'shipped - picked up', 'shipped - out for delivery'],
    ...[
      'partially_refunded',
      'partially refunded',
      'partially-refunded',
      'partial refund',
      'partial_refund',
      'partially shipped',
      'in transit',
      'received',
      'finished',
    ],
    ...[
      '已付款',
      '已支付',
      '支付成功',
      '已完成',
      '完成',
      '交易成功',
      '交易完成',
      '已发货',
      '卖家已发货',
      '等待买家确认',
    ],
    ...[
      '买家已付款',
      '等待卖家发货',
      '卖家部分发货',
      '已签收',
      '待发货',
      '待收货',
      '等待出库',
      '等待确认收货',
    ],
    ...[
      '买家已付款,等待卖家发货',
      '卖家已发货,等待买家确认',
      '已收货',
      '部分发货',
      '部分退款',
      '锁定',
      '正在出库',
    ],
  ],
  refunded: [],
  both: [
    ...['refunded', 'returned', 'closed', 'fully_refunded', 'fully refunded', 'chargeback', 'charged_back'],
    ...[
      'shipped - returned to seller',
      'shipped - returning to seller',
      'shipped - rejected by buyer',
      'shipped - damaged',
      'shipped - lost in transit',
    ],
    ...['已退款', '退款成功', '退款完成', '已退货', '退货成功', '交易关闭', '全额退款', '已关闭'],
  ],
  ignored: [
    ...[
      'pending',
      'unpaid',
      'authorized',
      'voided',
      'expired',
      'failed',
      'on-hold',
      'on hold',
      'holded',
      'draft',
    ],
    ...[
      'canceled',
      'cancelled',
      'cancel',
      'pending payment',
      'pending_payment',
      'payment_review',
      'fraud',
      'trash',
    ],
    ...['suspected fraud', 'suspected_fraud', 'pending_paypal', 'pending paypal', 'paypal_canceled_reversal'],
    ...['pendingavailability', 'pending availability', 'unfulfillable', 'invoiceunconfirmed', 'abandoned'],
    ...['unavailable', 'created', 'checkout-draft', 'new', 'pending - waiting for pick up'],
    ...[
      '未付款',
      '待付款',
      '等待买家付款',
      '已取消',
      '取消',
      '订单取消',
      '未支付',
      '等待付款',
      '已删除',
      '付款失败',
    ],
  ],
};

/** Words of a sale of which a part was given back. Another column must say how much. */
const PARTLY = new Set([
  ...['partially_refunded', 'partially refunded', 'partially-refunded', 'partial refund', 'partial_refund'],
  '部分退款',
]);

/** Words in a column that says what a row is: a sale or a refund of its own. */
const KIND_WORDS: Readonly<Record<string, Verdict>> = {
  paid: 'paid',
  sale: 'paid',
  order: 'paid',
  payment: 'paid',
  purchase: 'paid',
  付款: 'paid',
  支付: 'paid',
  refunded: 'refunded',
  refund: 'refunded',
  return: 'refunded',
  returned: 'refunded',
  退款: 'refunded',
  已退款: 'refunded',
  退货: 'refunded',
};

/** The form in which words are compared: case, width and white space do not matter. */
export const wordOf = (text: string): string =>
  text.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' ');

const ofStates: ReadonlyMap<string, Verdict> = new Map(
  VERDICTS.flatMap((verdict) => STATE_WORDS[verdict].map((word) => [wordOf(word), verdict] as const)),
);

/** A prefix before a state: WooCommerce writes one, and so does JD for deleted and locked orders. */
const PREFIX = /^(?:wc-|\([^()]*\) ?)/;

export const isPartlyRefunded = (text: string): boolean => PARTLY.has(wordOf(text).replace(PREFIX, ''));

/** What a word means: by the mapping's own words first, then by those that are known. */
export const verdictOf = (
  text: string,
  column: 'status' | 'kind',
  own: Readonly<Record<string, Verdict>>,
): Verdict | undefined => {
  const word = wordOf(text);
  if (Object.hasOwn(own, word)) return own[word];
  if (column === 'kind') return Object.hasOwn(KIND_WORDS, word) ? KIND_WORDS[word] : undefined;
  return ofStates.get(word.replace(PREFIX, ''));
};
