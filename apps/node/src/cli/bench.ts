import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workflow } from '@dfnsjs/actor-core';
import type { DfnsNode } from '../node/node.ts';
import { startNode } from '../node/start-node.ts';

export interface BenchOptions {
  /** Default: SQLite in a temporary folder, which goes afterwards. */
  readonly store: string | undefined;
  readonly executions: number;
  /** Of each execution. */
  readonly steps: number;
  /** Executions in flight at a time. */
  readonly concurrency: number;
  readonly interrupted: AbortSignal;
}

export interface BenchResult {
  readonly executions: number;
  readonly steps: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  readonly executionsPerSecond: number;
  /** From start to result, in milliseconds. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  /** Of this process, in seconds. */
  readonly cpuPerThousandSteps: number;
}

/** Where the executions go: out of the way of others in the store. */
const NAMESPACE = 'dfns-bench';
const WARM_UP = 0.1;

const bench = workflow({ name: 'dfns-bench' }, async (ctx, steps: number) => {
  for (let n = 0; n < steps; n++) await ctx.step('step', () => n);
  return steps;
});

/** Runs executions of steps that do nothing, and measures: what is left is what dfns and the store cost. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const folder = options.store === undefined ? await mkdtemp(join(tmpdir(), 'dfns-bench-')) : undefined;
  try {
    const store = options.store ?? `sqlite:${join(folder ?? '', 'bench.db')}`;
    const node = await startNode({ workflows: [bench], store, namespace: NAMESPACE, log: 'warn' });
    try {
      await run(node, { ...options, executions: Math.ceil(options.executions * WARM_UP) });
      return await measure(node, options);
    } finally {
      await node.stop();
    }
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

async function measure(node: DfnsNode, options: BenchOptions): Promise<BenchResult> {
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const latencies = await run(node, options);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const steps = options.executions * options.steps;
  const sorted = latencies.toSorted();
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return {
    executions: options.executions,
    steps,
    seconds: round(seconds),
    stepsPerSecond: Math.round(steps / seconds),
    executionsPerSecond: Math.round(options.executions / seconds),
    latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    cpuPerThousandSteps: round((user + system) / 1_000 / steps),
  };
}

async function run(node: DfnsNode, options: BenchOptions): Promise<Float64Array> {
  const { executions, steps, concurrency, interrupted } = options;
  const latencies = new Float64Array(executions);
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < executions; n = next++) {
      interrupted.throwIfAborted();
      const began = performance.now();
      await node.client.execute(bench, steps, { abortSignal: interrupted });
      latencies[n] = performance.now() - began;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return latencies;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
