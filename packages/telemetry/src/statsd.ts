import { createSocket, type Socket } from 'node:dgram';
import { DfnsError } from '@dfnsjs/actor-core';
import { Distribution, type Log, type MetricDefinition, type Reading } from '@dfnsjs/actor-core/ports';

const DEFAULT_PORT = 8_125;
const FLUSH_MS = 10_000;
const CLOSE_MS = 1_000;
/** What goes through any network in one piece. */
const PACKET_BYTES = 1_432;

export interface StatsdAddress {
  readonly host: string;
  readonly port: number;
}

/** Of `udp://HOST[:PORT]`, port 8125 by default. VALIDATION for anything else. */
export function parseStatsdUrl(url: string): StatsdAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isPlain = parsed && !parsed.username && !parsed.password && /^\/?$/.test(parsed.pathname) && !parsed.search;
  if (!isPlain || parsed.protocol !== 'udp:' || parsed.hostname === '') {
    throw new DfnsError(
      'VALIDATION',
      'statsd of metrics must be udp://HOST or udp://HOST:PORT, such as udp://127.0.0.1:8125.',
      {
        details: { option: 'metrics.statsd' },
      },
    );
  }
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? DEFAULT_PORT : Number(parsed.port),
  };
}

/**
 * Sends what was counted since the last time, every 10 s, with tags as DogStatsD has them (Telegraf, Vector and
 * statsd_exporter read them too). UDP: what nobody receives is lost, and nothing waits for it.
 */
export class StatsdSender {
  readonly #read: () => readonly Reading[];
  readonly #address: StatsdAddress;
  readonly #log: Log;
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  /** What was sent of each series. */
  #sent = new Map<string, readonly number[]>();
  #failing = false;

  constructor(address: StatsdAddress, read: () => readonly Reading[], log: Log) {
    this.#address = address;
    this.#read = read;
    this.#log = log;
    this.#socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4');
    this.#socket.on('error', error => this.#failed(error));
    this.#socket.unref();
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.#timer.unref();
  }

  /** Resolves when the packets have left, or could not. */
  async flush(): Promise<void> {
    const lines = this.#read().flatMap(reading => this.#linesOf(reading));
    await Promise.all(packetsOf(lines).map(packet => this.#send(packet)));
  }

  /** Sends the rest, for a second at most: a name that is not resolved does not hold up the end of a node. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    let late: NodeJS.Timeout | undefined;
    await Promise.race([this.flush(), new Promise<void>(resolve => (late = setTimeout(resolve, CLOSE_MS)))]);
    clearTimeout(late);
    await new Promise<void>(resolve => this.#socket.close(() => resolve()));
  }

  #linesOf({ definition, series }: Reading): string[] {
    return series.flatMap(each => {
      const tags = tagsOf(definition, each.labels);
      if (definition.kind === 'gauge') return [`${definition.name}:${(each as { value: number }).value}|g${tags}`];
      const now = each instanceof Distribution ? [...each.counts] : [each.value];
      const key = definition.name + tags;
      const before = this.#sent.get(key) ?? [];
      this.#sent.set(key, now);
      const grown = now.map((value, index) => value - (before[index] ?? 0));
      if (!(each instanceof Distribution)) return grown[0]! > 0 ? [`${definition.name}:${grown[0]}|c${tags}`] : [];
      return timingsOf(definition, grown, tags);
    });
  }

  #send(packet: string): Promise<void> {
    const { host, port } = this.#address;
    return new Promise(resolve =>
      this.#socket.send(packet, port, host, error => {
        if (error) this.#failed(error);
        else this.#failing = false;
        resolve();
      }),
    );
  }

  /** Said once, until it works again. */
  #failed(error: Error): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#log.write('warn', 'metrics cannot be sent to StatsD', { ...this.#address, error: error.message });
  }
}

/**
 * A timing a bucket, in milliseconds, weighted by how many fell into it: n at a sample rate of 1/n. Its value is the
 * middle of the bucket, and of the last one its lower bound.
 */
function timingsOf({ name, buckets = [] }: MetricDefinition, counts: readonly number[], tags: string): string[] {
  // What is no time has no unit to change.
  const [unit, factor] = name.endsWith('_seconds') ? ['ms', 1_000] : ['h', 1];
  return counts.flatMap((count, index) => {
    if (count <= 0) return [];
    const low = buckets[index - 1] ?? 0;
    const value = Number((((low + (buckets[index] ?? low)) / 2) * factor).toPrecision(6));
    return [`${name}:${value}|${unit}${count === 1 ? '' : `|@${rate(count)}`}${tags}`];
  });
}

function rate(count: number): string {
  // Never in exponents, which not every server reads.
  return (1 / count).toFixed(12).replace(/0+$/, '');
}

function tagsOf({ labels: names }: MetricDefinition, values: readonly string[]): string {
  if (names.length === 0) return '';
  return `|#${names.map((name, index) => `${name}:${(values[index] ?? '').replace(/[\s,|#:@]/g, '_')}`).join(',')}`;
}

function packetsOf(lines: readonly string[]): string[] {
  const packets: string[] = [];
  let packet = '';
  for (const line of lines) {
    if (packet !== '' && Buffer.byteLength(packet) + Buffer.byteLength(line) + 1 > PACKET_BYTES) {
      packets.push(packet);
      packet = '';
    }
    packet += packet === '' ? line : `\n${line}`;
  }
  if (packet !== '') packets.push(packet);
  return packets;
}
