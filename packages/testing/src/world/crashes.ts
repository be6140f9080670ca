import type { Store } from '@dfnsjs/actor-core/ports';
import type { NodeSettings, SimulatedNode } from './node.ts';
import type { Seed } from './seed.ts';
import type { World } from './world.ts';

const DAY_MS = 24 * 3_600_000;
/** Leases are not what worlds of one node are about: only a crash or a stop ends one. */
const ENDLESS_MS = 1e12;
const LEASE_MS = 3_000;
/** Another build is there after so long at most, and has come to each place after so long. */
const DEPLOYED_MS = 8_000;
const ROLLED_MS = 5_000;

/** How rough a world is: probabilities at each look, and milliseconds. */
export interface Roughness {
  /** Mean distance of two looks. */
  readonly everyMs: number;
  readonly crash: number;
  readonly stop: number;
  readonly jump: number;
  /** Clocks that jump do so by up to this much. */
  readonly jumpMs: number;
  /** A process stands still for a while, longer than a lease at times. */
  readonly pause: number;
  /** A node is cut off from the others for a while. */
  readonly cut: number;
  /** An operator cordons or drains a node, or lets it serve again. */
  readonly duty: number;
  /** Builds, oldest first, of which the last one comes in the middle of it. */
  readonly builds: readonly [string, ...string[]];
  /** The last fault is a crash: nothing disturbs those who take over. */
  readonly endsWithCrash: boolean;
}

/** Kills, stops and halts processes, starts them again with other settings, cuts their wires and moves their clocks. */
export class Crashes {
  readonly #world: World;
  readonly #seed: Seed;
  readonly #places: readonly string[];
  readonly #shards: number;
  readonly #roughness: Roughness;
  readonly #cameBack: (node: SimulatedNode) => void;
  /** Of each place, the process that runs, and whether it is changing. */
  readonly #running = new Map<string, SimulatedNode | 'changing'>();
  #build: string;
  #calm = false;

  /** @param cameBack a process that stood still goes on */
  constructor(
    world: World,
    nodes: number,
    shards: number,
    roughness: Roughness,
    cameBack: (node: SimulatedNode) => void,
  ) {
    this.#world = world;
    this.#seed = world.seed.fork();
    this.#places = Array.from({ length: nodes }, (_, n) => 'abcdefgh'[n]!);
    this.#shards = shards;
    this.#roughness = roughness;
    this.#cameBack = cameBack;
    [this.#build] = roughness.builds;
  }

  begin(): void {
    for (const place of this.#places)
      this.#bootLater(place, this.#places.length === 1 ? 0 : this.#seed.pick([0, 0, 500]));
    this.#lookLater();
    if (this.#roughness.builds.length > 1) this.#deployLater();
  }

  /** From now on nodes live, of the last build, reach each other, and their clocks are right. */
  end(): void {
    this.#calm = true;
    const { nodes, ready } = this.#world;
    const [last] = this.#seed.shuffled(ready);
    if (last && this.#roughness.endsWithCrash && this.#world.happens('crash')) this.#world.crash(last);
    this.#build = this.#roughness.builds.at(-1)!;
    // One that is being stopped ends by itself.
    const older = nodes.filter(({ build, leaving }) => build !== this.#build && !leaving);
    for (const node of older) this.#world.crash(node);
    for (const node of nodes) {
      node.clock.skew = 0;
      node.plug.cut(false);
      this.#goOn(node);
    }
    this.#letServe();
  }

  /** One that joins anew just then takes its duty along: whoever wants it to serve looks again. */
  #letServe(): void {
    for (const { incarnation } of this.#world.nodes) {
      if (incarnation) void this.#world.store.setDuty(incarnation, 'serve');
    }
  }

  #boot(place: string): void {
    const seed = this.#seed;
    const isAlone = this.#world.store.exclusive;
    const settings: NodeSettings = {
      shards: this.#shards,
      build: this.#build,
      leaseMs: isAlone ? ENDLESS_MS : LEASE_MS,
      settleMs: seed.pick([0, 500, 10_000]),
      messagesPerTurn: seed.pick([1, 2, 1_000]),
      mailbox: seed.pick([undefined, undefined, 1, 3]),
      backlog: seed.pick([undefined, undefined, 3]),
      residents: seed.pick([undefined, undefined, 2]),
      passivateAfterMs: seed.pick([undefined, undefined, 50, 15_000]),
    };
    const limits: Store['limits'] = { items: seed.pick([1, 2, 100]), bytes: 4_000_000, itemBytes: 4_000_000 };
    const { jumpMs } = this.#roughness;
    const skew = seed.chance(0.7) ? 0 : seed.between(-jumpMs, jumpMs);
    const isOff = skew !== 0 && !this.#calm && this.#world.happens('clock off');
    this.#running.set(place, this.#world.boot(place, settings, limits, isOff ? skew : 0));
  }

  #lookLater(): void {
    this.#world.agenda.after(this.#seed.between(1, 2 * this.#roughness.everyMs), () => {
      // One that could not start, or was crashed with its world, is started again, in calm too.
      for (const place of this.#places) {
        const node = this.#running.get(place);
        if (node && node !== 'changing' && node.dead) this.#bootLater(place, 500);
      }
      if (this.#calm) this.#letServe();
      else this.#look(this.#seed.pick(this.#places));
      this.#lookLater();
    });
  }

  #look(place: string): void {
    const node = this.#running.get(place);
    const drawn = this.#seed.random();
    if (!node || node === 'changing') return;
    const { crash, stop, jump, pause, cut, duty } = this.#roughness;
    let from = 0;
    const is = (probability: number) => drawn >= from && drawn < (from += probability);
    if (is(crash)) {
      if (!this.#world.happens('crash')) return;
      this.#running.set(place, 'changing');
      this.#world.crash(node);
      this.#bootLater(place, this.#seed.pick([0, 1, 100, 3_000]));
    } else if (is(stop)) {
      if (this.#world.happens('stop')) this.#stop(place, node);
    } else if (is(jump)) this.#jump(node);
    else if (is(pause)) this.#pause(node);
    else if (is(cut)) this.#cut(node);
    else if (is(duty) && node.incarnation) {
      const wanted = this.#seed.pick(['serve', 'cordon', 'drain'] as const);
      if (!this.#world.happens('duty')) return;
      this.#world.note(`${node.name} is to ${wanted}`);
      void this.#world.store.setDuty(node.incarnation, wanted);
    }
  }

  #stop(place: string, node: SimulatedNode): void {
    const drainMs = this.#seed.pick([0, 100, 5_000]);
    if (!node.ready) return;
    this.#running.set(place, 'changing');
    this.#world.stop(node, drainMs).then(
      () => this.#bootLater(place, this.#seed.pick([0, 1, 100, 3_000])),
      (error: unknown) => this.#world.broken(error),
    );
  }

  /** Another build comes, to one place after the other. */
  #deployLater(): void {
    const { agenda } = this.#world;
    agenda.after(this.#seed.between(1, DEPLOYED_MS), () => {
      if (this.#calm || !this.#world.happens('deploy')) return;
      this.#build = this.#roughness.builds.at(-1)!;
      this.#world.note(`build ${this.#build} is there`);
      for (const place of this.#places) {
        agenda.after(this.#seed.between(0, ROLLED_MS), () => {
          const node = this.#running.get(place);
          if (node && node !== 'changing' && node.build !== this.#build) this.#stop(place, node);
        });
      }
    });
  }

  #jump(node: SimulatedNode): void {
    const { jumpMs } = this.#roughness;
    const before = node.clock.skew;
    const far = jumpMs >= DAY_MS ? DAY_MS : this.#seed.between(-jumpMs, jumpMs);
    const ms = this.#seed.between(1, 20);
    if (!this.#world.happens('clock jump')) return;
    node.clock.skew = far;
    this.#world.note(`clock of ${node.name} is off by ${far}`);
    this.#world.agenda.after(ms, () => {
      node.clock.skew = this.#calm ? 0 : before;
    });
  }

  #pause(node: SimulatedNode): void {
    const ms = this.#seed.pick([200, 2_000, 5_000, 20_000]);
    if (!this.#world.happens('pause')) return;
    this.#world.note(`${node.name} stands still for ${ms}`);
    node.clock.pause();
    this.#world.agenda.after(ms, () => this.#goOn(node));
  }

  #goOn(node: SimulatedNode): void {
    const stood = node.clock.isPaused && !node.dead;
    if (stood) this.#world.note(`${node.name} goes on`);
    node.clock.resume();
    if (stood) this.#cameBack(node);
  }

  #cut(node: SimulatedNode): void {
    const ms = this.#seed.pick([500, 5_000, 30_000]);
    if (!this.#world.happens('cut')) return;
    this.#world.note(`${node.name} is cut off for ${ms}`);
    node.plug.cut(true);
    this.#world.agenda.after(ms, () => node.plug.cut(false));
  }

  #bootLater(place: string, delay: number): void {
    this.#running.set(place, 'changing');
    this.#world.agenda.after(delay, () => this.#boot(place));
  }
}
