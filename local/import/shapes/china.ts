/** Exports of Chinese marketplaces. */
import type { Shape } from './shape.ts';

const CHINA = { timeZone: 'Asia/Shanghai', currency: 'CNY' } as const;
const CHINA_BECAUSE = 'its times are those of China and its amounts are CNY';
const FIRST_ROW = 'the totals of an order stand on one of its rows or on all of them, and count once';

/** What marketplaces of China export. The more specific shapes come first. */
export const CHINESE_MARKETPLACES: readonly Shape[] = [
  {
    name: 'taobao-items',
    title: 'an export of the items of orders (宝贝报表) by Taobao or Tmall',
    signature: [['主订单编号'], ['子订单编号'], ['买家实际支付金额'], ['订单付款时间', '订单创建时间']],
    columns: {
      order: ['主订单编号'],
      member: ['买家会员名', '买家昵称'],
      brand: ['店铺名称', '店铺id'],
      amount: ['买家实际支付金额'],
      refund: ['退款金额'],
      time: ['订单付款时间', '订单创建时间'],
      status: ['订单状态'],
    },
    settings: { ...CHINA, guests: true },
    because: [CHINA_BECAUSE, 'what was paid for the items of an order is added up'],
  },
  {
    name: 'tmall-order-report',
    title: 'the data set of orders of a Tmall shop (天猫订单) of Tianchi',
    signature: [['订单编号'], ['总金额'], ['买家实际支付金额'], ['退款金额'], ['订单付款时间']],
    lacks: ['买家会员名', '买家昵称', '订单状态', '买家应付货款'],
    columns: {
      order: ['订单编号'],
      total: ['总金额'],
      refund: ['退款金额'],
      time: ['订单付款时间'],
    },
    settings: { ...CHINA, guests: true, brand: 'tmall' },
    because: [CHINA_BECAUSE, 'its 买家实际支付金额 is what is left of 总金额 when 退款金额 is refunded'],
  },
  {
    name: 'taobao-orders',
    title: 'an export of orders by Taobao or Tmall',
    signature: [['订单编号'], ['买家实际支付金额', '买家应付货款'], ['订单付款时间', '订单创建时间']],
    columns: {
      order: ['订单编号'],
      member: ['买家会员名', '买家昵称', '买家支付宝账号'],
      brand: ['店铺名称', '店铺id'],
      total: ['买家实际支付金额', '总金额'],
      refund: ['退款金额'],
      time: ['订单付款时间', '订单创建时间'],
      status: ['订单状态'],
    },
    settings: CHINA,
    because: [CHINA_BECAUSE, FIRST_ROW],
  },
  {
    name: 'jd-order-data',
    title: "the table of orders of JD's data set for research (MSOM)",
    signature: [['orderid'], ['userid'], ['skuid'], ['ordertime'], ['finalunitprice'], ['giftitem']],
    columns: {
      order: ['orderid'],
      member: ['userid'],
      price: ['finalunitprice'],
      quantity: ['quantity'],
      time: ['ordertime'],
    },
    settings: { ...CHINA, brand: 'jd', rounding: 'half-even' },
    because: [CHINA_BECAUSE, 'its final prices are per piece, with all discounts taken off; a gift is free'],
  },
  {
    name: 'jd-orders',
    title: 'an export of orders by JD (京东)',
    signature: [
      ['订单号', '订单编号'],
      ['京东价', '下单帐号', '下单账号', '结算金额', '应付金额', '用户应付金额', '商品id'],
      ['下单时间', '付款确认时间', '付款时间', '订单创建时间'],
    ],
    columns: {
      order: ['订单号', '订单编号'],
      member: ['下单帐号', '下单账号', '用户名', '客户姓名'],
      brand: ['品牌', '店铺名称', '商家名称', '商家id', '店铺id'],
      total: ['应付金额', '用户应付金额', '实付金额', '结算金额', '订单金额'],
      refund: ['退款金额'],
      time: ['付款确认时间', '付款时间', '下单时间', '订单创建时间'],
      status: ['订单状态'],
    },
    settings: CHINA,
    because: [CHINA_BECAUSE, FIRST_ROW],
  },
];
