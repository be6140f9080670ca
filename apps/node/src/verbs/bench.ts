import { runBench, type BenchResult } from '../cli/bench.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import { usage, type Given, type Verb } from '../cli/verb.ts';

export const verb: Verb = {
  summary: 'Measure throughput and latency on a store.',
  details:
    'Executions of steps that do nothing, in this process: what is left is what dfns and the store cost. They stay in ' +
    'the store that is given, in the namespace dfns-bench.',
  options: [
    { flags: '--store <url>', help: 'the store to measure (default: SQLite in a temporary folder)' },
    { flags: '--executions <n>', help: 'how many (default 2000)' },
    { flags: '--steps <n>', help: 'of each (default 10)' },
    { flags: '--concurrency <n>', help: 'executions in flight (default 200)' },
    { flags: '--json', help: 'the figures as JSON' },
  ],
  examples: ['bench', 'bench --store sqlite:/mnt/disk/bench.db --concurrency 1'],
  async run(given, io) {
    const result = await runBench({
      store: given.text('store'),
      executions: count(given, 'executions', 2_000),
      steps: count(given, 'steps', 10),
      concurrency: count(given, 'concurrency', 200),
      interrupted: io.interrupted,
    });
    say(io, given.flag('json') ? toJson(result) : report(result));
  },
};

function count(given: Given, name: string, otherwise: number): number {
  const n = given.number(name) ?? otherwise;
  if (n < 1 || n > 10_000_000) throw usage(`--${name} must be from 1 to 10,000,000.`);
  return n;
}

function report({ executions, steps, seconds, latencyMs, ...figures }: BenchResult): string {
  return [
    `${executions} executions, ${steps} steps in ${seconds} s`,
    `throughput  ${figures.stepsPerSecond} steps/s, ${figures.executionsPerSecond} executions/s`,
    `latency     p50 ${latencyMs.p50} ms, p95 ${latencyMs.p95} ms, p99 ${latencyMs.p99} ms, max ${latencyMs.max} ms`,
    `CPU         ${figures.cpuPerThousandSteps} s per 1,000 steps`,
  ].join('\n');
}
