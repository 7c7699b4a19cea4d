/**
 * How the calls of the model are told to the metrics, `count` calls an event: those of the audience function under
 * `model-calls/audience/<pass>`, those of the coupon function under `model-calls/coupon/<budget key>/<bucket>`, where the same
 * event says which demand the model saw. So the tallies of the first word add up to all calls.
 */
export const MODEL_CALLS = 'model-calls';

const COUPON_PREFIX = `${MODEL_CALLS}/coupon/`;

/** A decision in which no offer was open to the member saw no demand. */
export const CALLS_WITHOUT_DEMAND = `${COUPON_PREFIX}none`;

export const audienceCallsLabel = (pass: string): string => `${MODEL_CALLS}/audience/${pass}`;

/** The label of demand on a budget, in a bucket of efficiency (`audience/demand.ts`). */
export const demandLabel = (budgetKey: string, bucket: number): string =>
  `${COUPON_PREFIX}${budgetKey}/${bucket}`;

/** The budget and the bucket of a label of demand; undefined for any other label. */
export const parseDemandLabel = (label: string): { budgetKey: string; bucket: number } | undefined => {
  if (!label.startsWith(COUPON_PREFIX) || label === CALLS_WITHOUT_DEMAND) return undefined;
  const slash = label.lastIndexOf('/');
  return { budgetKey: label.slice(COUPON_PREFIX.length, slash), bucket: Number(label.slice(slash + 1)) };
};
