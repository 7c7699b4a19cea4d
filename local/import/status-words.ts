/** What an order's state means: a sale, a refund alone, a sale that was refunded, or nothing that counts. */
export const VERDICTS = ['paid', 'refunded', 'both', 'ignored'] as const;
export type Verdict = (typeof VERDICTS)[number];

const words = (...lines: string[]): readonly string[] => lines.flatMap((line) => line.split(' | '));

/**
 * Words in a column with an order's state, by their meaning. Words with a special meaning in one shop system
 * are in `shapes/`.
 */
export const STATE_WORDS: Readonly<Record<Verdict, readonly string[]>> = {
  paid: words(
    'paid | complete | completed | processing | shipped | shipping | delivered | fulfilled | success | succeeded | settled',
    'approved | invoiced | unshipped | partiallyshipped | partially_shipped | partially shipped | dispatched',
    'partially fulfilled | shipped - delivered to buyer | shipped - picked up | shipped - out for delivery | in transit',
    'received | finished | partially_refunded | partially refunded | partially-refunded | partial refund | partial_refund',
    '已付款 | 已支付 | 支付成功 | 已完成 | 完成 | 交易成功 | 交易完成 | 已发货 | 卖家已发货 | 等待买家确认 | 买家已付款 | 等待卖家发货',
    '卖家部分发货 | 已签收 | 待发货 | 待收货 | 等待出库 | 等待确认收货 | 买家已付款,等待卖家发货 | 卖家已发货,等待买家确认 | 已收货',
    '部分发货 | 部分退款 | 锁定 | 正在出库 | 已出貨 | 待出貨 | 付款成功',
    'bezahlt | abgeschlossen | in bearbeitung | versendet | versandt | geliefert | zugestellt',
    'payée | payé | terminée | terminé | en cours | expédiée | expédié | livrée | livré',
    'pagado | completado | procesando | enviado | entregado | pagato | completato | in lavorazione | spedito | consegnato',
    'pago | concluído | processando | entregue | betaald | afgerond | verzonden',
    '支払い済み | 支払済み | 支払済 | 入金済み | 発送済み | 결제완료 | 배송중 | 배송완료 | 구매확정 | оплачен | оплачено | выполнен | доставлен',
  ),
  refunded: [],
  both: words(
    'refunded | returned | fully_refunded | fully refunded | chargeback | charged_back | shipped - returned to seller',
    'shipped - returning to seller | shipped - rejected by buyer | shipped - damaged | shipped - lost in transit',
    '已退款 | 退款成功 | 退款完成 | 已退货 | 退货成功 | 交易关闭 | 全额退款 | 已关闭 | 已退貨',
    'erstattet | rückerstattet | remboursée | remboursé | reembolsado | rimborsato | terugbetaald',
    '返金済み | 返金済 | 환불 | 환불완료 | возвращен | возвращён',
  ),
  ignored: words(
    'pending | unpaid | authorized | voided | expired | failed | on-hold | on hold | holded | draft | canceled | cancelled',
    'cancel | pending payment | pending_payment | payment_review | fraud | trash | suspected fraud | suspected_fraud',
    'pending_paypal | pending paypal | paypal_canceled_reversal | pendingavailability | pending availability | unfulfillable',
    'invoiceunconfirmed | abandoned | unavailable | created | checkout-draft | new | pending - waiting for pick up',
    '未付款 | 待付款 | 等待买家付款 | 已取消 | 取消 | 订单取消 | 未支付 | 等待付款 | 已删除 | 付款失败 | 付款失敗 | 訂單取消',
    'storniert | offen | zahlung ausstehend | in wartestellung | fehlgeschlagen | unbezahlt',
    'annulée | annulé | attente paiement | en attente de paiement | échouée | échoué',
    'cancelado | pendiente de pago | en espera | fallido | annullato | in attesa di pagamento | sospeso | fallito',
    'pagamento pendente | malsucedido | geannuleerd | wacht op betaling',
    '未払い | 入金待ち | キャンセル | キャンセル済み | 취소 | 취소완료 | 입금대기 | 미결제 | отменен | отменён | отменено',
  ),
};

/** Words for a sale of which a part was refunded. Another column must say how much. */
export const PARTLY_WORDS = words(
  'partially_refunded | partially refunded | partially-refunded | partial refund | partial_refund | 部分退款',
);

/** Words in a column that says what a row is: a sale, or a refund in a row of its own. */
export const KIND_WORDS: Readonly<Record<'paid' | 'refunded', readonly string[]>> = {
  paid: words('paid | sale | order | payment | purchase | 付款 | 支付'),
  refunded: words('refunded | refund | return | returned | 退款 | 已退款 | 退货'),
};

/** Words that stand in place of an order's number in a row that adds up other rows. */
export const SUM_WORDS = words(
  'total | totals | grand total | sum | subtotal | sub-total | sub total | total orders',
  '合计 | 总计 | 小计 | 总金额 | 合計 | 總計 | 小計 | 共计',
  'summe | gesamt | gesamtsumme | zwischensumme | sous-total | total général | total general | totale | totaal | итого',
  '합계 | 총계 | 소계',
);
