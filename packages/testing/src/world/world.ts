import type { Deps } from '@dfnsjs/actor-core';
import type { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { CommitBatch, CommitVerdict, Log, Store } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { MemoryStore } from '@dfnsjs/storage/memory';
import { Agenda } from './agenda.ts';
import { NodeClock } from './clock.ts';
import { Hops } from './hops.ts';
import { Network } from './network.ts';
import { SimulatedNode, type NodeSettings } from './node.ts';
import { Seed } from './seed.ts';
import { FAIR, SimulatedStore, type Weather } from './store-faults.ts';
import { Trace } from './trace.ts';

/** 2026-01-01, so that times read as such. */
const BEGINNING = Date.UTC(2026, 0, 1);
/** Leases are not what these worlds are about: only a crash or a stop ends one. */
const LEASE_MS = 1e12;

export interface WorldHooks {
  /** Longest time that the store takes for each half of a call, without faults. Default 3. */
  readonly usualMs?: number;
  /** Clocks are never wrong, nor looked at again. */
  readonly steady?: boolean;
  landed(batch: CommitBatch, verdicts: readonly CommitVerdict[]): void;
  /** What the node's process can do to the world; made anew for each process start. */
  deps(node: () => SimulatedNode): Deps;
  log?(level: string, message: string, fields: Readonly<Record<string, unknown>>): void;
}

/**
 * A store, one node at a time, and nothing else that moves: virtual time, seeded chance, every call of the store at
 * moments that the world chooses. The same seed gives the same trace.
 */
export class World {
  readonly seed: Seed;
  readonly trace = new Trace();
  readonly agenda = new Agenda(BEGINNING);
  readonly hops = new Hops();
  readonly network: Network;
  readonly weather: Weather = { ...FAIR };
  /** Without the faults: what is really stored. */
  readonly store: MemoryStore;
  readonly counts = new Map<string, number>();
  /** The highest time that any node's clock has shown. */
  highestClock = BEGINNING;
  node: SimulatedNode | null = null;
  readonly #storeSeed: Seed;
  readonly #hooks: WorldHooks;
  readonly #workflows: WorkflowRegistry;
  #incarnations = 0;
  #broken: unknown = null;

  constructor(seed: number, workflows: WorkflowRegistry, hooks: WorldHooks) {
    this.seed = new Seed(seed);
    this.#storeSeed = this.seed.fork();
    this.#workflows = workflows;
    this.#hooks = hooks;
    this.store = new MemoryStore({ clock: () => this.agenda.now });
    this.network = new Network(this.agenda, this.seed.fork(), what => this.count(what));
  }

  get now(): number {
    return this.agenda.now;
  }

  note(line: string): void {
    this.trace.write(this.agenda.now, line);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Ends the world at the next step. */
  broken(error: unknown): void {
    this.#broken ??= error;
  }

  /** Runs what is next and all that follows from it at once. False where nothing is left. */
  async step(): Promise<boolean> {
    const more = this.agenda.advance();
    await this.settle();
    return more;
  }

  async settle(): Promise<void> {
    await this.hops.settle();
    if (this.node) this.highestClock = Math.max(this.highestClock, this.node.clock.now());
    if (this.#broken) throw this.#broken;
  }

  /** Starts a process on the store; it serves once `node.ready`. */
  async boot(settings: NodeSettings, limits: Store['limits'], skew = 0): Promise<SimulatedNode> {
    const incarnation = `node-${++this.#incarnations}` as Incarnation;
    const { ordinal } = await this.store.join({
      incarnation,
      address: 'here',
      build: settings.build,
      leaseMs: LEASE_MS,
      shards: settings.shards,
    });
    this.note(`boot ${incarnation} ${JSON.stringify(settings)} ${JSON.stringify(limits)}`);
    const clock = new NodeClock(this.agenda, this.hops, this.#hooks.steady);
    clock.skew = skew;
    const store = new SimulatedStore(this.store, limits, {
      agenda: this.agenda,
      seed: this.#storeSeed,
      weather: this.weather,
      usualMs: this.#hooks.usualMs ?? 3,
      note: line => this.note(line),
      count: what => this.count(what),
      landed: (batch, verdicts) => this.#hooks.landed(batch, verdicts),
      broken: error => this.broken(error),
    });
    const node: SimulatedNode = new SimulatedNode(store, ordinal, settings, {
      incarnation,
      clock,
      seed: this.seed.fork(),
      log: this.#log(incarnation),
      deps: this.#hooks.deps(() => node),
      workflows: this.#workflows,
      carry: (rows, arrive) => this.network.carry(rows, row => !node.dead && arrive(row)),
      broken: error => this.broken(error),
    });
    this.node = node;
    node.start().catch((error: unknown) => this.broken(error));
    return node;
  }

  /** The node's process dies; its lease ends with it. */
  async crash(): Promise<void> {
    const { node } = this;
    if (!node) return;
    this.note(`crash ${node.incarnation}`);
    this.count('crash');
    node.crash();
    this.node = null;
    await this.store.leave(node.incarnation);
  }

  #log(incarnation: Incarnation): Log {
    return {
      write: (level, message, fields = {}) => {
        this.note(`log ${incarnation} ${level} ${message} ${typeof fields['code'] === 'string' ? fields['code'] : ''}`);
        this.#hooks.log?.(level, message, fields);
      },
    };
  }
}
