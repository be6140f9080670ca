/** When a call is given up, whatever it waits for then. */
export class Deadline {
  #expired = false;
  #giveUp: (() => void) | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.expire(), ms);
  }

  get isOver(): boolean {
    return this.#expired;
  }

  expire(): void {
    this.#expired = true;
    this.#giveUp?.();
  }

  /** `giveUp` must make `work` settle; it is called at once where the time is over. */
  async during<T>(work: Promise<T>, giveUp: () => void): Promise<T> {
    this.#giveUp = giveUp;
    try {
      if (this.#expired) giveUp();
      return await work;
    } finally {
      this.#giveUp = undefined;
    }
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
