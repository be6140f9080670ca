import { spawnSync } from 'node:child_process';

export interface Family {
  readonly type: string;
  /** By labels as they stand in the text, in braces; '' without. Of a histogram, by suffix and labels. */
  readonly samples: ReadonlyMap<string, number>;
}

const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^([a-zA-Z_:][a-zA-Z0-9_:]*)((?:\\{${LABEL}(?:,${LABEL})*\\})?) (\\S+)$`);

/** Prometheus text, read strictly: throws at the first line that a scrape would refuse. */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, { type: string; samples: Map<string, number> }>();
  let help: string | undefined;
  let current: string | undefined;
  if (!text.endsWith('\n')) throw new Error('The text does not end with a line feed.');
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') help = name;
    else if (keyword === 'TYPE') {
      if (help !== name || families.has(name)) throw new Error(`${name} has no help, or comes twice.`);
      families.set((current = name), { type: rest, samples: new Map() });
    } else addSample(line, current, families);
  }
  for (const [name, { type, samples }] of families) if (type === 'histogram') checkHistogram(name, samples);
  return families;
}

function addSample(line: string, current: string | undefined, families: Map<string, { samples: Map<string, number> }>) {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  const family = current === undefined ? undefined : families.get(current);
  if (!family || !name.startsWith(current ?? '')) throw new Error(`This line belongs to no metric: ${line}`);
  const key = name.slice(current?.length) + labels;
  if (family.samples.has(key)) throw new Error(`This series comes twice: ${line}`);
  if (!/^[+-]?(inf|nan)$/i.test(value) && Number.isNaN(Number(value)))
    throw new Error(`This value is no number: ${line}`);
  family.samples.set(key, Number(value));
}

/** Buckets grow, and the last one is all there is. */
function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const last = new Map<string, number>();
  for (const [key, value] of samples) {
    const [, labels] = /^_bucket\{(.*?),?le="[^"]*"\}$/.exec(key) ?? [];
    if (labels === undefined) continue;
    if (value < (last.get(labels) ?? 0)) throw new Error(`Buckets of ${name} shrink at ${key}.`);
    last.set(labels, value);
  }
  for (const [labels, value] of last) {
    const count = samples.get(labels === '' ? '_count' : `_count{${labels}}`);
    if (count !== value) throw new Error(`${name}{${labels}} counts ${count}, and its buckets ${value}.`);
  }
}

/** What promtool has to say; undefined where this machine has none. */
export function promtoolComplaints(text: string): string | undefined {
  const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  if (error && 'code' in error && error.code === 'ENOENT') return undefined;
  if (error) throw error;
  return status === 0 ? '' : `${status}: ${stdout}${stderr}`;
}
