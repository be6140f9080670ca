import { METRICS, type MetricDefinition } from '@dfnsjs/actor-core/ports';
import { code, page, table } from './markdown.ts';

/** The table of metrics that adapters loop over. */
export function metricsPage(): string {
  const metrics: readonly MetricDefinition[] = Object.values(METRICS);
  const rows = metrics.map(({ name, kind, labels, help }) => [code(name), kind, labels.map(code).join(', '), help]);
  const histograms = metrics.filter(({ buckets }) => buckets);
  return page('Metrics', [
    'What a node counts with `metrics: true`, under the names that Prometheus sees at `/metrics`; over StatsD dots stand ' +
      'for underscores. No label carries an id. The defaults of prom-client are there too.',
    table(['name', 'kind', 'labels', 'meaning'], rows),
    '## Buckets of the histograms',
    'Upper bounds, in the unit of the name.',
    table(
      ['name', 'bounds'],
      histograms.map(({ name, buckets = [] }) => [code(name), buckets.join(', ')]),
    ),
  ]);
}
