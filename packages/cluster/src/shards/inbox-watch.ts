import type { Clock } from '@dfnsjs/actor-core/ports';
import type { Millis } from '@dfnsjs/actor-core/records';
import type { InboxNet } from './inbox-net.ts';

/** Where nodes send to each other, a message that was lost waits for this. */
export const NET_MS: Millis = 10_000;
/** How often it is looked whether it is time. */
export const WATCH_MS: Millis = 1_000;

/** How often a node of several looks through its inboxes: sooner while what comes by way of the store alone waits there. */
export class InboxWatch {
  readonly #net: Pick<InboxNet, 'pass'>;
  readonly #clock: Pick<Clock, 'elapsed'>;
  /** Whether some node reaches no other. */
  readonly #isSomebodyAway: () => boolean;
  #looks = 0;
  #awaySeen: Millis = -Infinity;

  constructor(net: Pick<InboxNet, 'pass'>, clock: Pick<Clock, 'elapsed'>, isSomebodyAway: () => boolean) {
    this.#net = net;
    this.#clock = clock;
    this.#isSomebodyAway = isSomebodyAway;
  }

  /** Each `WATCH_MS`. */
  async look(): Promise<void> {
    const isDue = ++this.#looks % (NET_MS / WATCH_MS) === 0;
    const now = this.#clock.elapsed();
    if (this.#isSomebodyAway()) this.#awaySeen = now;
    // What somebody put there last, before it reached others again, is waited for.
    if (now < this.#awaySeen + NET_MS) await this.#net.pass(0);
    else if (isDue) await this.#net.pass();
  }
}
