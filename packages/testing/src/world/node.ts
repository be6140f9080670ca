import type { Deps } from '@dfnsjs/actor-core';
import type { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { Log, Measurements } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { ClusterNode, type Peer } from '@dfnsjs/cluster';
import type { NodeClock } from './clock.ts';
import type { Plug } from './network.ts';
import type { Seed } from './seed.ts';
import type { SimulatedStore } from './store-faults.ts';

/** What is drawn for one process start. */
export interface NodeSettings {
  readonly shards: number;
  readonly build: string;
  readonly leaseMs: number;
  readonly settleMs: number;
  readonly messagesPerTurn: number;
  /** Messages in one mailbox, and what a node has in hand before it refuses starts. */
  readonly mailbox: number | undefined;
  readonly backlog: number | undefined;
  readonly residents: number | undefined;
  readonly passivateAfterMs: number | undefined;
}

export interface NodeSurroundings {
  readonly name: string;
  readonly clock: NodeClock;
  readonly seed: Seed;
  readonly store: SimulatedStore;
  readonly plug: Plug;
  readonly log: Log;
  readonly deps: Deps;
  readonly workflows: WorkflowRegistry;
  readonly measurements: Measurements | undefined;
}

/** One process of a world: a node of the cluster, as a real one, on a store, a wire and a clock that the world rules. */
export class SimulatedNode {
  readonly name: string;
  readonly clock: NodeClock;
  readonly plug: Plug;
  /** What it has joined as. */
  readonly joined = new Set<Incarnation>();
  /** It is being stopped, in order. */
  leaving = false;
  #node: ClusterNode | null = null;
  readonly #surroundings: NodeSurroundings;
  readonly #settings: NodeSettings;

  constructor(settings: NodeSettings, surroundings: NodeSurroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.name = surroundings.name;
    this.clock = surroundings.clock;
    this.plug = surroundings.plug;
  }

  get build(): string {
    return this.#settings.build;
  }

  get dead(): boolean {
    return this.clock.dead;
  }

  /** It serves clients. */
  get ready(): boolean {
    return this.#node !== null && !this.dead && !this.leaving && !this.clock.isPaused;
  }

  /** Which it is now; null before it has joined. */
  get incarnation(): Incarnation | null {
    return this.#node?.incarnation ?? null;
  }

  /** Executions that are open in its shards, as it counts them. */
  get open(): number {
    const reading = this.#surroundings.measurements?.read().find(({ key }) => key === 'executionsOpen');
    return (reading?.series ?? []).reduce((sum, series) => sum + ('value' in series ? series.value : 0), 0);
  }

  /** What a client of this node can ask of an execution, whoever owns it. */
  to(namespace: string, id: string): Peer {
    return this.#node!.to(namespace, id);
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const { shards, build, leaseMs, settleMs, messagesPerTurn, mailbox, backlog, residents, passivateAfterMs } =
      this.#settings;
    const { clock, seed, store, plug, log, deps, workflows, measurements } = this.#surroundings;
    this.#node = await ClusterNode.start({
      connect: () => plug.connect(),
      ...{ store, clock, log, deps, workflows, measurements, shards, build, leaseMs, settleMs, messagesPerTurn },
      chance: { random: () => seed.random(), uuid: () => seed.uuid() },
      address: this.name,
      admission: { ...(mailbox === undefined ? {} : { mailbox }), ...(backlog === undefined ? {} : { backlog }) },
      residents,
      passivateAfterMs,
    });
  }

  /** Ends as a process does that is killed: nothing of it has an effect any more. */
  crash(): void {
    this.clock.dead = true;
    this.#surroundings.store.dead = true;
    this.plug.remove();
  }

  /** Hands its shards over, drains, gives the rest up and ends. */
  async stop(drainMs: number): Promise<void> {
    this.leaving = true;
    await this.#node?.drain(drainMs);
    await this.#node?.stop();
    this.crash();
  }
}
