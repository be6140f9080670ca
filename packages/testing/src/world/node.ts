import { Engine, type WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { InboxRow, Log } from '@dfnsjs/actor-core/ports';
import { type Eid, type Epoch, type Incarnation, isOpen, type ShardId } from '@dfnsjs/actor-core/records';
import type { Deps } from '@dfnsjs/actor-core';
import type { NodeClock } from './clock.ts';
import type { Seed } from './seed.ts';
import type { SimulatedStore } from './store-faults.ts';

/** What is drawn for one process start. */
export interface NodeSettings {
  readonly shards: number;
  readonly build: string;
  readonly scanMs: number;
  readonly messagesPerTurn: number;
  /** Messages in one mailbox, and what a node has in hand before it refuses starts. */
  readonly mailbox: number | undefined;
  readonly backlog: number | undefined;
  readonly residents: number | undefined;
  readonly passivateAfterMs: number | undefined;
}

export interface NodeSurroundings {
  readonly incarnation: Incarnation;
  readonly clock: NodeClock;
  readonly seed: Seed;
  readonly log: Log;
  readonly deps: Deps;
  readonly workflows: WorkflowRegistry;
  /** Brings rows of messages to their receivers' node: late, twice or never. */
  carry(rows: readonly InboxRow[], arrive: (row: InboxRow) => void): void;
  broken(error: unknown): void;
}

const PAGE = 100;

/** One process start of a node: an engine, the shards it owns, and the scans that feed it. */
export class SimulatedNode {
  readonly engine: Engine;
  readonly clock: NodeClock;
  readonly incarnation: Incarnation;
  /** Between two scans of what became due and of the inbox. */
  scanMs: number;
  /** It serves clients. */
  ready = false;
  dead = false;
  readonly #store: SimulatedStore;
  readonly #settings: NodeSettings;
  readonly #owned: { readonly shard: ShardId; readonly epoch: Epoch }[] = [];
  #scanned = 0;
  #receiving: Promise<void> = Promise.resolve();

  constructor(store: SimulatedStore, ordinal: number, settings: NodeSettings, surroundings: NodeSurroundings) {
    this.#store = store;
    this.#settings = settings;
    this.scanMs = settings.scanMs;
    this.clock = surroundings.clock;
    this.incarnation = surroundings.incarnation;
    const { seed, clock } = surroundings;
    this.engine = new Engine({
      store,
      clock,
      chance: { random: () => seed.random(), uuid: () => seed.uuid() },
      log: surroundings.log,
      deps: surroundings.deps,
      workflows: surroundings.workflows,
      incarnation: this.incarnation,
      ordinal,
      build: settings.build,
      shards: settings.shards,
      serves: () => !this.dead,
      deliver: rows => surroundings.carry(rows, row => this.#receive(row)),
      fenced: shard => surroundings.broken(new Error(`Shard ${shard} was fenced, and nobody else owns shards.`)),
      dueScanned: () => this.#scanned,
      messagesPerTurn: settings.messagesPerTurn,
      admission: {
        ...(settings.mailbox === undefined ? {} : { mailbox: settings.mailbox }),
        ...(settings.backlog === undefined ? {} : { backlog: settings.backlog }),
      },
      ...(settings.residents === undefined ? {} : { residents: settings.residents }),
      ...(settings.passivateAfterMs === undefined ? {} : { passivateAfterMs: settings.passivateAfterMs }),
    });
  }

  /** Takes all shards over: epoch, then due and inbox, then clients. */
  async start(): Promise<void> {
    const clean = new Map<ShardId, boolean>();
    for (const { shard, epoch } of await this.#store.shards()) {
      const acquired = await this.#store.acquire(shard, epoch, this.incarnation, this.#settings.build);
      if (!acquired) throw new Error(`Shard ${shard} could not be acquired.`);
      clean.set(shard, acquired.clean);
      this.#owned.push({ shard, epoch: acquired.epoch });
      this.engine.own(shard, acquired.epoch, acquired.highestAccepted);
    }
    const until = this.#openScan();
    for (const [shard, wasClean] of clean) {
      await this.#attempt(() => this.#scanDue(shard, until, undefined, !wasClean));
      await this.#attempt(() => this.#scanInbox(shard));
      await this.#attempt(() => this.#scanHeld(shard));
    }
    this.ready = true;
    this.#scanLater();
  }

  /** Ends as a process does that is killed: nothing of it has an effect any more. */
  crash(): void {
    this.dead = true;
    this.ready = false;
    this.clock.dead = true;
    this.#store.dead = true;
  }

  /** Drains, gives its shards up and ends. */
  async stop(): Promise<void> {
    this.ready = false;
    await this.engine.stop();
    await this.#store.release(
      this.incarnation,
      this.#owned.map(each => ({ ...each, handOver: null })),
    );
    await this.#store.leave(this.incarnation);
    this.crash();
  }

  #openScan(): number {
    return (this.#scanned = Math.max(this.#scanned, this.clock.now() + 2 * this.scanMs));
  }

  #scanLater(): void {
    this.clock.setTimer(this.clock.now() + this.scanMs, () => void this.#scan());
  }

  async #scan(): Promise<void> {
    const from = this.#scanned;
    const until = this.#openScan();
    for (const { shard } of this.#owned) {
      await this.#attempt(() =>
        this.#scanDue(shard, until, { wakeAt: from, eid: Number.MAX_SAFE_INTEGER as Eid }, false),
      );
      await this.#attempt(() => this.#scanInbox(shard));
    }
    this.#scanLater();
  }

  async #scanDue(
    shard: ShardId,
    until: number,
    after: { readonly wakeAt: number; readonly eid: Eid } | undefined,
    crashed: boolean,
  ): Promise<void> {
    for (;;) {
      const page = await this.#store.due(shard, until, PAGE, after);
      for (const { eid, wakeAt } of page) await this.#wake(eid, crashed && wakeAt === 0);
      if (page.length < PAGE) return;
      after = page.at(-1);
    }
  }

  async #scanInbox(shard: ShardId): Promise<void> {
    for (const row of await this.#store.inbox(shard, 1_000)) this.#receive(row);
    await this.#receiving;
  }

  /** What another build held may go on with this one; crash loops wait for an operator. */
  async #scanHeld(shard: ShardId): Promise<void> {
    for (const run of await this.#store.held(shard, 1_000)) {
      if (run.held?.code === 'CRASH_LOOP' || run.held?.build === this.#settings.build) continue;
      this.engine.wake(run.namespace, run.id, run.eid, { crashed: false, retry: true });
    }
  }

  async #wake(eid: Eid, crashed: boolean): Promise<void> {
    const there = this.engine.residentOf(eid);
    if (there) return;
    const [loaded] = await this.#store.load([eid]);
    if (loaded && isOpen(loaded.run.status)) {
      this.engine.wake(loaded.run.namespace, loaded.run.id, eid, { crashed, retry: false });
    }
  }

  /** One after the other, so that a sender's messages keep their order. */
  #receive(row: InboxRow): void {
    this.#receiving = this.#receiving.then(() => this.#attempt(() => this.#received(row)));
  }

  async #received(row: InboxRow): Promise<void> {
    const [loaded] = await this.#store.load([row.receiver]);
    if (loaded) this.engine.receive(row, loaded.run.namespace, loaded.run.id);
  }

  /** A scan goes on where the store fails, until it answers. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch {
        if (this.dead) return;
        await new Promise<void>(resolve => this.clock.setTimer(this.clock.now() + 50, resolve));
      }
    }
  }
}
