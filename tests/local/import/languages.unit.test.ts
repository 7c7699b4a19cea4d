/** Tables of orders in other languages, scripts and encodings. */
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { afterAll, describe, expect, it } from 'vitest';
import { currencyDigits } from '#platform/currency-digits.ts';
import { temporaryDirectory } from '../replay/files.ts';
import { contentOf, expectKind, type Kind } from './kind.ts';
import { readOrders } from './read.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const HEAD = 'order,member,brand,amount,time';
const amounts = (...texts: string[]): string[] => [
  HEAD,
  ...texts.map((text, i) => `${i + 1},a,s,"${text}",2025-11-11`),
];
const times = (...texts: string[]): string[] => [
  HEAD,
  ...texts.map((text, i) => `${i + 1},a,s,1.00,"${text}"`),
];
const paid = (...amounts: number[]): string[] => amounts.map((amount, i) => `${i + 1} s paid ${amount}`);
const ROWS = ['1', '2', '3', '4', '5', '6', '7'];
const hundreds = (count: number): string[] => ROWS.slice(0, count).map((order) => `${order} s paid 100`);

const ENCODINGS: Kind[] = [
  [
    'Big5',
    iconv.encode('訂單編號,會員編號,品牌,金額,付款時間\n1,王小明,統一,150,2025-11-11 00:00:01\n', 'big5'),
    { events: ['1 統一 paid 15000'] },
  ],
  [
    'Shift JIS',
    iconv.encode(
      '注文番号,顧客ID,ブランド,合計金額,注文日時\n1,c1,資生堂,"12,500円",2025/11/11 午後 9:05:01\n',
      'shift_jis',
    ),
    { events: ['1 資生堂 paid 12500'], currency: 'JPY', time: '2025-11-11T21:05:01.000Z' },
  ],
  [
    'EUC-KR',
    iconv.encode(
      '주문번호,회원ID,브랜드,결제금액,결제일시\n1,kim,설화수,"12,000원",2025-11-11 00:00:01\n',
      'euc-kr',
    ),
    { events: ['1 설화수 paid 12000'], currency: 'KRW' },
  ],
  [
    'Windows-1251',
    iconv.encode(
      'Номер заказа;Клиент;Бренд;Сумма;Дата заказа;Статус\n1;Иван;Заря;1 234,50 руб.;13.11.2025 10:00;Оплачен\n',
      'win1251',
    ),
    { events: ['1 Заря paid 123450'], currency: 'RUB' },
  ],
  [
    'UTF-8 with the column names of a small shop in China',
    ['单号,客户,品牌,实付金额,下单时间', '1,甲,乙牌,1.50,2025-11-11', '2,,乙牌,1.50,2025-11-11'],
    { events: ['1 乙牌 paid 150'], refused: [/line 3: member: expected a value/] },
  ],
  [
    'GB18030 in gzip',
    gzipSync(
      iconv.encode('订单号,客户id,品牌,金额,下单时间\n1,甲,乙牌,1.50,2025-11-11 00:00:01\n', 'gb18030'),
    ),
    { events: ['1 乙牌 paid 150'] },
  ],
  [
    'UTF-8 with a faulty byte, so that only the row of that byte is refused',
    Buffer.concat([
      Buffer.from(`${HEAD}\n1,é,Müller,1.50,2025-11-11\n2,a,M`),
      Buffer.from([0xfc]),
      Buffer.from('ller,1.50,2025-11-11\n'),
    ]),
    { events: ['1 Müller paid 150'], refused: [/^line 3: brand: expected text in UTF-8/] },
  ],
  [
    'UTF-8 that is cut off within a letter',
    Buffer.from(`${HEAD}\n1,甲,店,1.50,2025-11-11\n2,乙,店`).subarray(0, -1),
    { events: ['1 店 paid 150'], refused: [/^line 3: row: expected 5 values/] },
  ],
];

const DIGITS: Kind[] = [
  ['Arabic digits and separators', amounts('١٢٣٤٫٥٠', '١٬٢٣٤٫٥٠'), { events: paid(123_450, 123_450) }],
  ['Persian digits', amounts('۱۲۳۴'), { events: paid(123_400) }],
  ['full-width digits', amounts('１，２３４．５０'), { events: paid(123_450) }],
  ['direction marks', amounts('\u200f12.50\u200e'), { events: paid(1_250) }],
  [
    'Arabic digits in a time',
    times('٢٠٢٥-١١-١١ ٠٠:٠٠:٠١'),
    { events: paid(100), time: '2025-11-11T00:00:01.000Z' },
  ],
  [
    'amounts without decimals as the Swiss write them',
    amounts("CHF 1'234.–", 'Fr. 12.50'),
    { events: paid(123_400, 1_250), currency: 'CHF' },
  ],
  [
    'a negative amount as accountants write it',
    amounts('$(12.50)'),
    { events: ['1 s refunded 1250'] },
    { negative: 'refund' },
  ],
];

const SIGNS: Kind[] = [
  ['złoty', amounts('12,50 zł', '1 112,50 zł'), { events: paid(1_250, 111_250), currency: 'PLN' }],
  ['rupiah', amounts('Rp 1.234.567', 'Rp15.000'), { events: paid(123_456_700, 1_500_000), currency: 'IDR' }],
  ['rupees', amounts('Rs. 1,23,456.78', 'Rs.50'), { events: paid(12_345_678, 5_000), currency: 'INR' }],
  ['Kuwaiti dinars', amounts('KD 1.250', 'د.ك ١٢٫٥٠٠'), { events: paid(1_250, 12_500), currency: 'KWD' }],
  [
    'a currency by its name',
    [`${HEAD},currency`, '1,a,s,1,2025-11-11,Euro', '2,a,s,1,2025-11-11,EUR', '3,a,s,1,2025-11-11,欧元'],
    { events: hundreds(3), currency: 'EUR' },
  ],
  [
    'rupees with the decimals that ISO 4217 gives them',
    [`${HEAD},currency`, '1,a,s,"1,250.50",2025-11-11,PKR'],
    { events: paid(125_050), currency: 'PKR' },
  ],
];

const TIMES: Kind[] = [
  [
    'months by their names',
    times(
      '11. Dezember 2025 10:00',
      '11 déc. 2025',
      '11 de diciembre de 2025',
      '11-Dic-2025',
      '11 dezembro 2025',
    ),
    { events: hundreds(5), time: '2025-12-11T10:00:00.000Z' },
  ],
  [
    'months by the first letters of their names',
    times('11 Sept. 2025', '11 sett 2025', '11-Set-2025', '11 septiem. 2025'),
    { events: hundreds(4), time: '2025-09-11T00:00:00.000Z' },
  ],
  [
    'August in further languages',
    times('11 augusti 2025', '11 augusztus 2025', '11 agost 2025', '11 august 2025'),
    { events: hundreds(4), time: '2025-08-11T00:00:00.000Z' },
  ],
  [
    'March in further languages',
    times(
      ...['11 marts 2025', '11 martie 2025', '11 március 2025'],
      ...['11 Mart 2025', '11 marca 2025', '11 Maret 2025'],
    ),
    { events: hundreds(6), time: '2025-03-11T00:00:00.000Z' },
  ],
  ['March in German or Dutch', times('11 März 2025', '11 mrt 2025', '11 maa. 2025'), { events: hundreds(3) }],
  ...['11 Foo 2025', 'Market 5, 2025', '11 Mayor 2025', '11 Se 2025'].map(
    (text): Kind => [`no month in ${text}`, times(text), { events: [], refused: [/time: expected/] }],
  ),
  [
    'zones as programs write them',
    times(
      ...['2025-11-11 00:00:05 +0800 CST', '2025-11-11 00:00:05.1 +0000 UTC', '2025-11-11T00:00:05Z[UTC]'],
      ...[
        '2025-11-11T00:00:05+01:00[Europe/Berlin]',
        '11 Nov 2025 00:05:12 GMT+1',
        'Tue Nov 11 00:05:12 2025',
      ],
    ),
    { events: hundreds(6), time: '2025-11-10T16:00:05.000Z' },
  ],
  [
    'UTC in the header',
    ['order_id,user_id,brand,amount,created_at_utc', '1,a,s,1,2025-11-11 00:00:05'],
    { events: hundreds(1), time: '2025-11-11T00:00:05.000Z' },
  ],
];

const WORDS: Kind[] = [
  [
    'the states of orders in German',
    [
      'Bestellnummer;Bestellstatus;Bestelldatum;E-Mail (Rechnung);Bestellsumme;Währung',
      '101;Abgeschlossen;11.11.2025 00:05;ann@x.com;45,00;EUR',
      '102;In Bearbeitung;13.11.2025 00:05;bo@x.com;1.045,50;EUR',
      '103;Rückerstattet;14.11.2025 00:05;bo@x.com;5,50;EUR',
      '104;Storniert;14.11.2025 00:05;bo@x.com;5,50;EUR',
    ],
    {
      events: [
        ...['101 shop paid 4500', '102 shop paid 104550'],
        ...['103 shop paid 550', '103 shop refunded 550'],
      ],
      currency: 'EUR',
    },
  ],
  [
    'a report of Amazon in German',
    [
      '"Alle Beträge in EUR sofern nicht anders gekennzeichnet"',
      '"Datum/Uhrzeit";"Abrechnungsnummer";"Typ";"Bestellnummer";"Umsätze";"Rabatte aus Werbeaktionen";"Verkaufsgebühren";"Gesamt"',
      '"11 Nov. 2025 08:05:12 UTC";"1";"Bestellung";"305-1";"1.129,90";"-4,90";"-19,49";"1.105,51"',
      '"12.11.2025 08:05:12 UTC";"1";"Erstattung";"305-1";"-129,90";"0";"19,49";"-110,41"',
      '"12.11.2025 08:05:12 UTC";"1";"Übertrag";"";"0";"0";"0";"-1.000,00"',
      '"12.11.2025 08:05:12 UTC";"1";"Unbekanntes ohne Bestellung";"";"0";"0";"0";"-1.000,00"',
    ],
    { events: ['305-1 amazon paid 112500', '305-1 amazon refunded 12990'], currency: 'EUR' },
  ],
];

describe.each([
  ['encodings', ENCODINGS],
  ['digits', DIGITS],
  ['currency signs', SIGNS],
  ['times', TIMES],
  ['words', WORDS],
])('a table with the %s of another language', (_about, kinds) => {
  it.each(kinds)('is read as expected: %s', (_what, rows, expected, options) =>
    expectKind(directory.write('language.csv', contentOf(rows)), expected, options),
  );
});

describe('a currency', () => {
  it('has the decimals of ISO 4217, even if Intl shows fewer', () => {
    const codes = ['CNY', 'JPY', 'KWD', 'HUF', 'IDR', 'IQD', 'CLF'];
    expect(codes.map(currencyDigits)).toEqual([2, 0, 3, 2, 2, 3, 4]);
  });

  it('is not recognised by a short word in a header, which may have another meaning', async () => {
    const rows = ['order_id,customer_id,Amount R,order_date', '1,a,1.50,2025-11-11'];
    const found = await readOrders(directory.write('header.csv', `${rows.join('\n')}\n`));
    expect(found.totals.currency).toBe('CNY');
  });
});
