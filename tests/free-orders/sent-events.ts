/** Events as a shop sends them, for sales that run on this machine. */

export const event = (type: string, id: string, timeMs: number, data: object) => ({
  specversion: '1.0',
  type,
  id,
  source: 'urn:test',
  time: new Date(timeMs).toISOString(),
  data,
});

/** The data of the order with this number. Each member has every 300th order. */
export const orderData = (number: number) => ({
  orderId: `order-${number}`,
  memberId: `member-${number % 300}`,
  brandId: 'lotus',
  channel: 'near',
  storeId: 'store-1',
  amountFen: 2_000 + number,
});
