import type { Role } from './mapping.ts';

/** Splits lines into names, at spaces. A name has the form in which headers are compared: lower-case letters and digits only. */
const names = (...lines: string[]): readonly string[] => lines.flatMap((line) => line.split(' '));

/** The names that a column of each role may have, in English, Chinese, and other languages of shops; the likeliest come first. */
export const NAMES: Readonly<Record<Role, readonly string[]>> = {
  order: names(
    'order orderid orderno ordernumber ordernum amazonorderid incrementid invoiceno invoice invoiceid transactionid',
    'salesorder receiptid',
    '订单编号 订单号 主订单编号 订单id 交易号 单号 主订单号 交易单号 訂單編號 訂單號 訂單號碼 訂單id',
    'bestellnummer bestellnr bestellid auftragsnummer commande ncommande nodecommande nocommande numerodecommande',
    'numérodecommande numerocommande idcommande pedido numeropedido númeropedido númerodepedido numerodepedido idpedido',
    'numeroordine idordine ordine ordernummer bestelnummer numerzamówienia',
    '注文番号 注文id 受注番号 주문번호 주문id номерзаказа заказ',
  ),
  member: names(
    'member memberid customerid customeruniqueid customer userid user buyer buyerid buyeremail buyername email',
    'customeremail billingemail emailbilling client clientid who loginname customername accountid buyerusername',
    '买家会员名 买家昵称 会员名 会员id 会员编号 用户名 下单帐号 下单账号 用户id 客户id 客户编号 顾客编号 买家 客户 顾客 会员',
    '會員編號 會員id 會員名稱 買家帳號 買家 客戶編號 客戶id 顧客編號',
    'kundennummer kundennr kundenid kunde idclient cliente idcliente emailrechnung klantnummer klant klient',
    '会員番号 会員id 顧客id 顧客番号 회원id 회원번호 고객id 고객번호 구매자id клиент покупатель',
  ),
  brand: names(
    'brand brandid brandname vendor seller sellerid shop shopname merchant storename manufacturer subcategory category',
    '品牌 品牌名称 店铺名称 店铺 商家 商家名称 品牌名稱 店鋪名稱 商店名稱 賣場名稱',
    'marke marque marca hersteller productbrand productvendor merk marka',
    'ブランド ブランド名 店舗名 브랜드 브랜드명 бренд магазин',
  ),
  amount: names(
    'amount paid amountpaid sales revenue value linetotal itemtotal subtotal payment paymentvalue netsales price',
    'saleprice lineamount paidamount totalpaid',
    '金额 实付金额 支付金额 销售额 成交金额 实收金额 实际支付金额 用户实付金额 买家实付金额 商家实收金额 实付款 金額 實付金額 付款金額 銷售額',
    'betrag umsatz montant montantttc importe importo bedrag valor kwota',
    '支払金額 売上金額 결제금액 매출액 сумма суммаоплаты',
  ),
  price: names(
    'unitprice itemprice lineitemprice priceeach itemcost 单价 商品单价 單價',
    'stückpreis einzelpreis prixunitaire preciounitario prezzounitario 単価 단가 цена',
  ),
  quantity: names(
    'quantity qty lineitemquantity quantityordered units productquantity itemquantity 数量 商品数量 购买数量 數量 購買數量',
    'menge anzahl quantité quantite cantidad quantità quantidade aantal 個数 수량 количество',
  ),
  total: names(
    'ordertotal grandtotal totalamount orderamount totalprice ordertotalamount total ordervalue',
    '订单金额 订单总额 总金额 订单总金额 订单应付金额 訂單金額 訂單總額 總金額 訂單總金額',
    'gesamtbetrag gesamtsumme bestellsumme totalttc totaldelpedido totaleordine',
    '合計金額 合計 注文金額 請求金額 총결제금액 총주문금액 주문금액 итого суммазаказа',
  ),
  refund: names(
    'refundedamount refundamount totalrefunded amountrefunded orderrefundamount refundtotal refundedtotal refundvalue',
    'returnamount returnedamount 退款金额 已退款金额 退款金額 erstattung erstatteterbetrag montantremboursé',
    'importereembolsado 返金額 환불금액 суммавозврата',
  ),
  time: names(
    'paidat paiddate datepaid paymentdate paymenttime orderpaidat time datetime timestamp orderdate eventtime ordertime',
    'purchasedate orderpurchasetimestamp invoicedate createdat createdtime date datecreated created at posteddatetime',
    'transactiondate paidatutc timeutc timestamputc orderdateutc createdatutc datecreatedgmt saledate paidondate ordercreatedat createddate purchasetimestamp orderdatetime paymentat',
    '订单付款时间 付款时间 支付时间 付款确认时间 订单创建时间 下单时间 创建时间 成交时间 时间 日期 支付日期 下单日期',
    '付款日期 订单日期 支付完成时间 订单提交时间 付款時間 付款日期 訂單成立時間 訂單日期 下單時間 建立時間',
    'bestelldatum zahlungsdatum datum datecommande datedecommande fecha fechapedido fechadepedido data dataordine',
    'datadopedido orderdatum besteldatum',
    '注文日時 注文日 購入日時 入金日 결제일시 주문일시 결제일 주문일 датазаказа датаоплаты дата',
  ),
  'refund-time': names(
    'refundedat refunddate refundtime returnedat returndate refundeddate dateofrefund 退款时间 退款完成时间 退款時間',
  ),
  kind: names('kind type eventtype transactiontype 类型 交易类型 類型 交易類型'),
  status: names(
    'status orderstatus financialstatus paymentstatus orderstate state 订单状态 交易状态 状态 支付状态',
    '訂單狀態 付款狀態 狀態 bestellstatus zahlungsstatus statut estado stato 注文状況 ステータス 주문상태 결제상태 статус',
  ),
  currency: names(
    'currency currencycode ordercurrency ordercurrencycode currencyiso 币种 货币 幣別 貨幣',
    'währung waehrung devise moneda divisa valuta moeda 通貨 통화 валюта',
  ),
  channel: ['channel'],
  store: ['storeid'],
  coupon: ['couponid'],
  clock: names(
    'time ordertime purchasetime paymenttime transactiontime timeofday uhrzeit heure hora 时间 時間',
  ),
  discount: [],
  event: ['event', 'eventid'],
  parent: [],
  line: [],
};
