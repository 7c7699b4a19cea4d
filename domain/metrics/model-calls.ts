/**
 * The labels under which the metrics count calls of the model. An event stands for as many calls as its `count` says. The label
 * is `model-calls/audience/<pass>` for the audience function, and `model-calls/coupon/<budget key>/<bucket>` for the coupon
 * function, where it also says what demand the model saw. All tallies under the first word add up to all calls.
 */
export const MODEL_CALLS = 'model-calls';

const COUPON_PREFIX = `${MODEL_CALLS}/coupon/`;

/** The label of a decision that saw no demand, such as one in which no offer was open to the member. */
export const CALLS_WITHOUT_DEMAND = `${COUPON_PREFIX}none`;

export const audienceCallsLabel = (pass: string): string => `${MODEL_CALLS}/audience/${pass}`;

/** The label of demand on a budget, in a bucket of efficiency (`allocation/demand.ts`). */
export const demandLabel = (budgetKey: string, bucket: number): string =>
  `${COUPON_PREFIX}${budgetKey}/${bucket}`;

/** The budget and the bucket of a label of demand; undefined for any other label. */
export const parseDemandLabel = (label: string): { budgetKey: string; bucket: number } | undefined => {
  if (!label.startsWith(COUPON_PREFIX) || label === CALLS_WITHOUT_DEMAND) return undefined;
  const slash = label.lastIndexOf('/');
  return { budgetKey: label.slice(COUPON_PREFIX.length, slash), bucket: Number(label.slice(slash + 1)) };
};
