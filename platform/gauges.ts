/** Prints numbers as metrics that alarms watch. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** The namespace of all metrics that functions print. */
export const NAMESPACE = 'Zhihui';
const SERVICE = 'zhihui';

/** The dimensions of a function's gauges. The library itself adds `service`. */
export const gaugeDimensions = (functionName: string): Record<string, string> => ({
  service: SERVICE,
  Function: functionName,
});

/** Prints current numbers as embedded metrics, for alarms to watch. */
export const publishGauges = (functionName: string, gauges: Readonly<Record<string, number>>): void => {
  const { service, ...dimensions } = gaugeDimensions(functionName);
  const metrics = new Metrics({
    namespace: NAMESPACE,
    serviceName: service!,
    defaultDimensions: dimensions as Record<string, string>,
  });
  for (const [gauge, number] of Object.entries(gauges)) metrics.addMetric(gauge, MetricUnit.Count, number);
  metrics.publishStoredMetrics();
};
