/** Amazon's reports of transactions in a span of days. */
import type { Verdict } from '../status-words.ts';
import type { Shape } from './shape.ts';

/** Types of transactions of an order that count; amounts of a refund are negative. */
const COUNTED: Readonly<Record<string, Verdict>> = Object.fromEntries(
  [
    ...['order', 'refund', 'bestellung', 'erstattung', 'commande', 'remboursement', 'ordine', 'rimborso'],
    ...['pedido', 'reembolso', 'bestelling', 'terugbetaling', '注文', '返金'],
  ].map((type) => [type, 'paid'] as const),
);

/** Types of transactions that may name an order, but are not part of the amount that its buyer paid. */
const OTHER_TYPES = [
  ...[
    '',
    'transfer',
    'service fee',
    'adjustment',
    'fba inventory fee',
    'fba customer return fee',
    'debt',
    'deal fee',
  ],
  ...[
    'shipping services',
    'amazon fees',
    'order_retrocharge',
    'refund_retrocharge',
    'others',
    'fba transaction fee',
  ],
  ...['liquidations', 'tax adjustment', 'cost of advertising', 'amazon shipping charges'],
  ...['übertrag', 'servicegebühr', 'anpassung', 'versand durch amazon lagergebühr'],
  ...[
    'transfert',
    'frais de service',
    'trasferimento',
    'commissione di servizio',
    'transferir',
    'tarifa de prestación de servicio',
  ],
  ...['振込み', '注文外料金', 'fba 在庫関連の手数料', '調整'],
];

const ORDER = [
  ...[
    'orderid',
    'bestellnummer',
    'numérodelacommande',
    'numeroordine',
    'númerodepedido',
    'ordernummer',
    '注文番号',
  ],
];
const TYPE = ['type', 'typ', 'tipo', 'トランザクションの種類'];
const TIME = ['datetime', 'datumuhrzeit', 'dateheure', 'dataora', 'fechayhora', 'datumtijd', '日付時間'];
const SALES = [
  ...['productsales', 'umsätze', 'ventesdeproduits', 'vendite', 'ventasdeproductos', 'verkopenvanproducten'],
  '商品売上',
];
const REBATES = [
  ...['promotionalrebates', 'rabatteauswerbeaktionen', 'rabaispromotionnels', 'scontipromozionali'],
  ...['devolucionespromocionales', 'promotiekortingen', 'プロモーション割引額'],
];
const FEES = [
  ...[
    'sellingfees',
    'verkaufsgebühren',
    'fraisdevente',
    'commissionidivendita',
    'tarifasdeventa',
    'verkoopkosten',
  ],
  '手数料',
];

const reportIn = (suffix: string, signature: Shape['signature'], currency?: string): Shape => ({
  name: `amazon-date-range${suffix}`,
  title: 'a date range report of transactions by Amazon',
  signature,
  columns: { order: ORDER, amount: SALES, discount: REBATES, time: TIME, status: TYPE },
  settings: {
    guests: true,
    brand: 'amazon',
    negative: 'refund',
    timeFormat: 'day-first',
    statuses: { ...COUNTED },
    ...(currency === undefined ? {} : { currency }),
  },
  leaveOut: Object.fromEntries([
    ...TYPE.map((column) => [column, OTHER_TYPES] as const),
    ...ORDER.map((column) => [column, ['']] as const),
  ]),
  because: [
    'product sales less promotional rebates count, and fees do not; the amounts of a refund are negative',
    'Amazon writes a date with points as day.month.year',
  ],
});

/** Reports of transactions in a span of days, in the languages of Amazon's marketplaces. */
export const AMAZON_DATE_RANGE: readonly Shape[] = [
  reportIn('-japan', [['日付時間'], ['注文番号'], ['商品売上']], 'JPY'),
  reportIn('', [TIME, ORDER, TYPE, SALES, FEES]),
];
