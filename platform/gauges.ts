import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Of all metrics that functions print. */
export const NAMESPACE = 'Zhihui';
/** The dimensions of a gauge: one of them is the library's own. */
export const GAUGE_DIMENSIONS = { service: 'zhihui', Function: 'draw' } as const;

/** Prints numbers of now as embedded metrics, for alarms to watch. */
export const publishGauges = (gauges: Readonly<Record<string, number>>): void => {
  const { service, ...dimensions } = GAUGE_DIMENSIONS;
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: service, defaultDimensions: dimensions });
  for (const [gauge, number] of Object.entries(gauges)) metrics.addMetric(gauge, MetricUnit.Count, number);
  metrics.publishStoredMetrics();
};
