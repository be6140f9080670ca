import type { CommitBatch, CommitVerdict } from '@dfnsjs/actor-core/ports';
import type { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import { Delivery } from '../invariants/delivery.ts';
import { ExactlyOnce } from '../invariants/exactly-once.ts';
import { Histories, type RunHistory } from '../invariants/history.ts';
import { OutputCommit } from '../invariants/output-commit.ts';
import { assertReplays } from '../invariants/replay.ts';
import { Timers } from '../invariants/timers.ts';
import { NodeClock } from '../world/clock.ts';
import type { World } from '../world/world.ts';

/** How late a timer may be with nothing in its way: the longest wait for a scan and its page. */
const LATE_MS = 70_000;
/** How late a message: a takeover, and two looks through the inbox, between whose ends it may have come. */
const UNDELIVERED_MS = 45_000;

/** All invariants, fed from one world. */
export class Laws {
  readonly histories = new Histories();
  readonly outputCommit = new OutputCommit(this.histories);
  readonly exactlyOnce = new ExactlyOnce(incarnation => this.#world().isLiving(incarnation));
  readonly delivery = new Delivery(this.histories, UNDELIVERED_MS);
  readonly timers: Timers;
  readonly #world: () => World;
  readonly #workflows: WorkflowRegistry;

  constructor(world: () => World, workflows: WorkflowRegistry) {
    this.#world = world;
    this.#workflows = workflows;
    this.histories.onGoingOn = (from, to) => this.exactlyOnce.goesOn(from, to);
    this.timers = new Timers(
      () => world().now,
      () => Math.max(world().highestClock, ...world().nodes.map(node => node.clock.now())),
      LATE_MS,
    );
  }

  landed(batch: CommitBatch, verdicts: readonly CommitVerdict[]): void {
    for (const landed of this.histories.landed(batch, verdicts)) {
      this.exactlyOnce.landed(landed);
      this.timers.landed(landed);
    }
  }

  /** Replays a run as it is stored now, beside the node. */
  replay(run: RunHistory): Promise<void> {
    const world = this.#world();
    const clock = new NodeClock(world.agenda, world.hops);
    return assertReplays(
      { store: world.store, workflows: this.#workflows, clock, log: { write: () => undefined } },
      run,
    );
  }
}
