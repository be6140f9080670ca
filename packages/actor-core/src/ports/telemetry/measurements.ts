import { METRICS, type LabelsOf, type MetricDefinition, type MetricKey, type MetricOf } from './metrics.ts';

/** One series of a counter: a plain number, which whoever counts raises in place. */
export interface Counter {
  readonly labels: readonly string[];
  value: number;
}

/** One series of a histogram. */
export class Distribution {
  readonly labels: readonly string[];
  /** How many fell under each bound and above the one before; the last: above all bounds. */
  readonly counts: number[];
  sum = 0;
  readonly #bounds: readonly number[];

  constructor(labels: readonly string[], bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > bounds[at]!) at++;
    this.counts[at]!++;
    this.sum += value;
  }
}

/** One metric as it stands. */
export interface Reading {
  readonly key: MetricKey;
  readonly definition: MetricDefinition;
  readonly series: readonly (Counter | Distribution)[];
}

/** Names come from user code, and a step may be named by what it works on: what is beyond counts as one. */
const SERIES_A_METRIC = 1_000;
export const OTHER = 'other';

type Gauge = () => Iterable<readonly [labels: readonly string[], value: number]>;

/**
 * What a node has counted: plain numbers, raised where things happen and read when somebody asks. Whoever counts keeps
 * the series it counts on, so that no label is looked at on the way of a step.
 */
export class Measurements {
  readonly #series = new Map<MetricKey, Map<string, Counter | Distribution>>();
  readonly #gauges = new Map<MetricKey, Gauge>();
  /** Milliseconds with fractions since any moment, never back: for durations, which the clock is too coarse for. */
  readonly elapsed: () => number;

  constructor(elapsed: () => number) {
    this.elapsed = elapsed;
  }

  counter<Key extends MetricOf<'counter'>>(key: Key, labels: LabelsOf<Key>): Counter {
    return this.#at(key, labels, kept => ({ labels: kept, value: 0 })) as Counter;
  }

  distribution<Key extends MetricOf<'histogram'>>(key: Key, labels: LabelsOf<Key>): Distribution {
    const { buckets } = METRICS[key];
    return this.#at(key, labels, kept => new Distribution(kept, buckets)) as Distribution;
  }

  /** `read` is called whenever somebody reads; it gives one value for each set of labels. */
  gauge<Key extends MetricOf<'gauge'>>(key: Key, read: () => Iterable<readonly [LabelsOf<Key>, number]>): void {
    this.#gauges.set(key, read);
  }

  /** All metrics of the table, in its order; those that nobody counted yet have no series. */
  read(): readonly Reading[] {
    return (Object.keys(METRICS) as MetricKey[]).map(key => {
      const gauge = this.#gauges.get(key);
      const series = gauge
        ? Array.from(gauge(), ([labels, value]) => ({ labels, value }))
        : [...(this.#series.get(key)?.values() ?? [])];
      return { key, definition: METRICS[key], series };
    });
  }

  #at(
    key: MetricKey,
    labels: readonly string[],
    make: (labels: readonly string[]) => Counter | Distribution,
  ): Counter | Distribution {
    let all = this.#series.get(key);
    if (!all) this.#series.set(key, (all = new Map()));
    const text = JSON.stringify(labels);
    const known = all.get(text);
    if (known) return known;
    if (all.size >= SERIES_A_METRIC && labels.some(label => label !== OTHER)) {
      return this.#at(
        key,
        labels.map(() => OTHER),
        make,
      );
    }
    const made = make([...labels]);
    all.set(text, made);
    return made;
  }
}
