import { Distribution, type Counter, type MetricDefinition, type Reading } from '@dfnsjs/actor-core/ports';
import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';

/** What a scrape gets. */
export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/** Processes that share a port, of which a scrape reaches one. */
export interface SharedPort {
  /** Label of all that this one counts. */
  readonly process: string;
  /** What the others count, as text for Prometheus with labels of their own. */
  others(): Promise<readonly string[]>;
}

/** Of the process, not of a node: they are observed once, however many nodes it runs. */
let ofProcess: Registry | undefined;

/** Gauges that are named as counters are, which promtool refuses; the ones by type, beside them, add up to the same. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Prometheus text of what `read` gives, and of the process; where several share the port, of all of them. */
export async function prometheusPage(read: () => readonly Reading[], shared?: SharedPort): Promise<MetricsPage> {
  const [own, others] = await Promise.all([ownText(read, shared?.process), shared?.others() ?? []]);
  return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, text: others.length > 0 ? merged([own, ...others]) : own };
}

/** Of this process alone, all of it with a label where it is one of several. */
export async function ownText(read: () => readonly Reading[], process?: string): Promise<string> {
  ofProcess ??= openProcessMetrics();
  const registry = new Registry();
  for (const reading of read()) registry.registerMetric(metricOf(reading));
  for (const each of [registry, ofProcess]) {
    each.setDefaultLabels(process === undefined ? {} : { dfns_process: process });
  }
  return `${await registry.metrics()}\n${await ofProcess.metrics()}`;
}

/** One page of several: each metric is told once, with the samples of all. */
function merged(pages: readonly string[]): string {
  const families = new Map<string, string[]>();
  for (const page of pages) {
    for (const family of page.split(/^(?=# HELP )/m)) {
      const [help, type, ...samples] = family.trimEnd().split('\n');
      if (!help) continue;
      const head = `${help}\n${type}`;
      const known = families.get(head);
      if (known) known.push(...samples);
      else families.set(head, samples);
    }
  }
  return [...families].map(([head, samples]) => `${[head, ...samples].join('\n')}\n`).join('\n');
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
