import type { Deps } from '@dfnsjs/actor-core';
import type { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import {
  Measurements,
  type CommitBatch,
  type CommitVerdict,
  type InboxRow,
  type Log,
  type Store,
} from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { MemoryStore } from '@dfnsjs/storage/memory';
import { Agenda } from './agenda.ts';
import type { Choices } from './choices.ts';
import { NodeClock } from './clock.ts';
import { Hops } from './hops.ts';
import { Network } from './network.ts';
import { SimulatedNode, type NodeSettings } from './node.ts';
import { Seed } from './seed.ts';
import { FAIR, SimulatedStore, type Weather } from './store-faults.ts';
import { Trace } from './trace.ts';

/** 2026-01-01, so that times read as such. */
const BEGINNING = Date.UTC(2026, 0, 1);

export interface WorldHooks {
  /** Longest time that the store takes for each half of a call, without faults. Default 3. */
  readonly usualMs?: number;
  /** Clocks are never wrong, nor looked at again. */
  readonly steady?: boolean;
  /** Nodes count what they do, and have the store count what is open: then other things happen. */
  readonly measured?: boolean;
  landed(batch: CommitBatch, verdicts: readonly CommitVerdict[]): void;
  /** A node put a client's message into the inbox of an execution that may be another's. */
  put(row: InboxRow): void;
  /** What the node's process can do to the world; made anew for each process start. */
  deps(node: () => SimulatedNode): Deps;
  /** A process ended, with all that was in it. */
  died?(node: SimulatedNode): void;
  /** @param build of the node that says it */
  log?(build: string, message: string, fields: Readonly<Record<string, unknown>>): void;
  /** The code of a build. */
  workflows(build: string): WorkflowRegistry;
}

/**
 * A store, nodes, and nothing else that moves: virtual time, seeded chance, every call of the store and every frame at
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
  /** That were taken. */
  steps = 0;
  /** Processes that run, those that stand still among them. */
  readonly nodes: SimulatedNode[] = [];
  /** The highest time that any node's clock has shown. */
  highestClock = BEGINNING;
  readonly #storeSeed: Seed;
  readonly #hooks: WorldHooks;
  readonly #choices: Choices;
  /** Until when each incarnation lives, by the store. */
  readonly #leases = new Map<Incarnation, number>();
  #processes = 0;
  #broken: unknown = null;

  /** @param shared several nodes can have the store; otherwise one, whose lease ends with it */
  constructor(seed: number, shared: boolean, choices: Choices, hooks: WorldHooks) {
    this.seed = new Seed(seed);
    this.#storeSeed = this.seed.fork();
    this.#hooks = hooks;
    this.#choices = choices;
    this.store = new MemoryStore({ shared, clock: () => this.agenda.now });
    this.network = new Network(this.agenda, this.seed.fork(), what => this.happens(what));
  }

  get now(): number {
    return this.agenda.now;
  }

  /** Whether the incarnation lives, as the store sees it; null: one that has not joined. */
  isLiving(incarnation: Incarnation | null): boolean {
    return incarnation !== null && (this.#leases.get(incarnation) ?? -Infinity) > this.now;
  }

  /** Nodes that serve clients. */
  get ready(): readonly SimulatedNode[] {
    return this.nodes.filter(node => node.ready);
  }

  note(line: string): void {
    this.trace.write(this.agenda.now, line);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Something was drawn: whether it comes about. */
  happens(what: string): boolean {
    if (!this.#choices.happens(what)) return false;
    this.count(what);
    return true;
  }

  /** Ends the world at the next step. */
  broken(error: unknown): void {
    this.#broken ??= error;
  }

  /** Runs what is next and all that follows from it at once. False where nothing is left. */
  async step(): Promise<boolean> {
    this.steps++;
    const more = this.agenda.advance();
    await this.settle();
    return more;
  }

  async settle(): Promise<void> {
    await this.hops.settle();
    for (const { clock } of this.nodes) this.highestClock = Math.max(this.highestClock, clock.now());
    if (this.#broken) throw this.#broken;
  }

  /** Starts a process at `place`; it serves once `node.ready`. */
  boot(place: string, settings: NodeSettings, limits: Store['limits'], skew = 0): SimulatedNode {
    const name = `${place}.${++this.#processes}`;
    this.note(`boot ${name} ${JSON.stringify(settings)} ${JSON.stringify(limits)}`);
    const clock = new NodeClock(this.agenda, this.hops, this.#hooks.steady);
    clock.skew = skew;
    const store = new SimulatedStore(this.store, limits, clock, {
      agenda: this.agenda,
      seed: this.#storeSeed,
      weather: this.weather,
      usualMs: this.#hooks.usualMs ?? 3,
      note: line => this.note(`${name} ${line}`),
      happens: what => this.happens(what),
      landed: (batch, verdicts) => this.#hooks.landed(batch, verdicts),
      put: row => this.#hooks.put(row),
      leased: (incarnation, alive) => {
        if (alive) this.#leases.set(incarnation, this.now + settings.leaseMs);
        else this.#leases.delete(incarnation);
        // One that joins after its process died ends with it all the same.
        if (alive && node.dead && this.store.exclusive) this.#leave(incarnation);
        else if (alive) node.joined.add(incarnation);
      },
      broken: error => this.broken(error),
    });
    const node: SimulatedNode = new SimulatedNode(settings, {
      ...{ name, clock, store, workflows: this.#hooks.workflows(settings.build) },
      plug: this.network.plug(clock),
      seed: this.seed.fork(),
      log: this.#log(name, settings.build),
      deps: this.#hooks.deps(() => node),
      measurements: this.#hooks.measured ? new Measurements(() => clock.elapsed()) : undefined,
    });
    this.nodes.push(node);
    node.start().catch((error: unknown) => {
      // A node that cannot join ends; whoever starts processes starts another.
      this.note(`start of ${name} failed: ${String(error)}`);
      if (!node.dead) this.crash(node);
    });
    return node;
  }

  /** The node's process dies. */
  crash(node: SimulatedNode): void {
    this.note(`crash ${node.name}`);
    node.crash();
    this.#gone(node);
  }

  /** The node's process ends in order. */
  async stop(node: SimulatedNode, drainMs: number): Promise<void> {
    this.note(`stop ${node.name}`);
    await node.stop(drainMs);
    this.#gone(node);
  }

  #gone(node: SimulatedNode): void {
    const at = this.nodes.indexOf(node);
    if (at < 0) return;
    this.nodes.splice(at, 1);
    if (this.store.exclusive) for (const incarnation of node.joined) this.#leave(incarnation);
    this.#hooks.died?.(node);
  }

  #leave(incarnation: Incarnation): void {
    this.store.leave(incarnation).catch((error: unknown) => this.broken(error));
  }

  #log(name: string, build: string): Log {
    return {
      write: (level, message, fields = {}) => {
        this.note(`log ${name} ${level} ${message} ${typeof fields['code'] === 'string' ? fields['code'] : ''}`);
        this.#hooks.log?.(build, message, fields);
      },
    };
  }
}
