import type { World } from './world/world.ts';

/**
 * Moves a world's time while somebody waits: what is due now runs, and where nothing is, time skips to the next thing
 * that will be; never while a body runs, whose work takes real time.
 */
export class TimeSkip {
  readonly #world: World;
  #waiting = 0;
  #running = false;
  #failed: ((error: unknown) => void)[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Moves time until `outcome` is there. */
  async until<T>(outcome: Promise<T>): Promise<T> {
    this.#waiting++;
    void this.#run();
    const failed = new Promise<never>((_, reject) => this.#failed.push(reject));
    failed.catch(() => undefined);
    try {
      return await Promise.race([outcome, failed]);
    } finally {
      this.#waiting--;
    }
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const { agenda, hops } = this.#world;
    try {
      while (this.#waiting > 0) {
        await this.#world.settle();
        if (this.#waiting === 0) break;
        const { next } = agenda;
        const bodies = this.#world.node?.engine.parts.bodies.size ?? 0;
        if (next !== undefined && (next <= agenda.now || bodies === 0)) agenda.advance();
        else await hops.next();
      }
    } catch (error) {
      for (const failed of this.#failed.splice(0)) failed(error);
    } finally {
      this.#running = false;
    }
  }
}
