import type { Store } from '@dfnsjs/actor-core/ports';
import type { NodeSettings } from './node.ts';
import type { Seed } from './seed.ts';
import type { World } from './world.ts';

const DAY_MS = 24 * 3_600_000;

/** How rough a world is: probabilities at each look, and milliseconds. */
export interface Roughness {
  /** Mean distance of two looks. */
  readonly everyMs: number;
  readonly crash: number;
  readonly stop: number;
  readonly jump: number;
  /** Clocks that jump do so by up to this much. */
  readonly jumpMs: number;
}

/** Kills and stops the node, starts it again with other settings, and moves its clock. */
export class Crashes {
  readonly #world: World;
  readonly #seed: Seed;
  readonly #shards: number;
  readonly #roughness: Roughness;
  #calm = false;
  #changing = false;

  constructor(world: World, shards: number, roughness: Roughness) {
    this.#world = world;
    this.#seed = world.seed.fork();
    this.#shards = shards;
    this.#roughness = roughness;
  }

  async begin(): Promise<void> {
    await this.#boot();
    this.#lookLater();
  }

  /** From now on the node lives, and its clock is right. */
  async end(): Promise<void> {
    this.#calm = true;
    const { node } = this.#world;
    if (node) node.clock.skew = 0;
    else if (!this.#changing) await this.#boot();
  }

  async #boot(): Promise<void> {
    const seed = this.#seed;
    const settings: NodeSettings = {
      shards: this.#shards,
      build: 'one',
      scanMs: seed.pick([2_000, 5_000, 10_000]),
      messagesPerTurn: seed.pick([1, 2, 1_000]),
      mailbox: seed.pick([undefined, undefined, 1, 3]),
      backlog: seed.pick([undefined, undefined, 3]),
      residents: seed.pick([undefined, undefined, 2]),
      passivateAfterMs: seed.pick([undefined, undefined, 50, 15_000]),
    };
    const limits: Store['limits'] = { items: seed.pick([1, 2, 100]), bytes: 4_000_000, itemBytes: 4_000_000 };
    const skew = this.#calm || seed.chance(0.7) ? 0 : seed.between(-this.#roughness.jumpMs, this.#roughness.jumpMs);
    await this.#world.boot(settings, limits, skew);
    this.#changing = false;
  }

  #lookLater(): void {
    this.#world.agenda.after(this.#seed.between(1, 2 * this.#roughness.everyMs), () => {
      if (this.#calm) return;
      this.#look().catch((error: unknown) => this.#world.broken(error));
      this.#lookLater();
    });
  }

  async #look(): Promise<void> {
    const { node } = this.#world;
    const { crash, stop, jump, jumpMs } = this.#roughness;
    const drawn = this.#seed.random();
    if (!node || this.#changing) return;
    if (drawn < crash) {
      this.#changing = true;
      await this.#world.crash();
      return this.#bootLater();
    }
    if (drawn < crash + stop && node.ready) {
      this.#changing = true;
      this.#world.note(`stop ${node.incarnation}`);
      this.#world.count('stop');
      await node.stop();
      this.#world.node = null;
      return this.#bootLater();
    }
    if (drawn < crash + stop + jump) {
      const before = node.clock.skew;
      const far = jumpMs >= DAY_MS ? DAY_MS : this.#seed.between(-jumpMs, jumpMs);
      node.clock.skew = far;
      this.#world.note(`clock of ${node.incarnation} is off by ${far}`);
      this.#world.count('clock jump');
      this.#world.agenda.after(this.#seed.between(1, 20), () => {
        node.clock.skew = before;
      });
    }
  }

  #bootLater(): void {
    const delay = this.#seed.pick([0, 1, 100, 3_000]);
    this.#world.agenda.after(delay, () => {
      this.#boot().catch((error: unknown) => this.#world.broken(error));
    });
  }
}
