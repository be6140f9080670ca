import { Distribution, type Counter, type MetricDefinition, type Reading } from '@dfnsjs/actor-core/ports';
import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';

/** What a scrape gets. */
export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/** Of the process, not of a node: they are observed once, however many nodes it runs. */
let ofProcess: Registry | undefined;

/** Gauges that are named as counters are, which promtool refuses; the ones by type, beside them, add up to the same. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Prometheus text of what `read` gives, and of the process. */
export async function prometheusPage(read: () => readonly Reading[]): Promise<MetricsPage> {
  ofProcess ??= openProcessMetrics();
  const registry = new Registry();
  for (const reading of read()) registry.registerMetric(metricOf(reading));
  return { contentType: registry.contentType, text: `${await registry.metrics()}\n${await ofProcess.metrics()}` };
}

function openProcessMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What a registry asks of a metric. prom-client's own classes keep numbers of their own; these are counted already. */
function metricOf({ definition, series }: Reading): Metric {
  const { name, help, kind } = definition;
  const values = series.flatMap(each =>
    each instanceof Distribution ? histogramSamples(definition, each) : [sample(definition, each)],
  );
  const metric = { name, help, type: kind, aggregator: 'sum', values };
  return { ...metric, get: () => Promise.resolve(metric) } as unknown as Metric;
}

function sample({ labels: names }: MetricDefinition, { labels, value }: Counter): Sample {
  return { labels: labelled(names, labels), value };
}

function histogramSamples(definition: MetricDefinition, { labels, counts, sum }: Distribution): Sample[] {
  const own = labelled(definition.labels, labels);
  const bounds: readonly (number | string)[] = [...(definition.buckets ?? []), '+Inf'];
  let count = 0;
  const buckets = bounds.map((le, index) => {
    count += counts[index] ?? 0;
    return { metricName: `${definition.name}_bucket`, labels: { ...own, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${definition.name}_sum`, labels: own, value: sum },
    { metricName: `${definition.name}_count`, labels: own, value: count },
  ];
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
