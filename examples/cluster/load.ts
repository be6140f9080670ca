import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'dfns/client';
import { arrive, parcel, scan } from './parcel.ts';

const BETWEEN_SCANS_MS = 80;

/** What was answered since somebody asked last. */
export interface Tally {
  readonly answered: number;
  readonly slowestMs: number;
}

export interface Delivery {
  readonly id: string;
  /** Scans that were answered with 202. */
  readonly sent: number;
  /** What the execution says that it took. */
  readonly taken: readonly number[];
}

/** Parcels that are started and scanned through a client, each by a sender of its own, until they are told to arrive. */
export class Load {
  readonly #client: Client;
  readonly #ledger: string;
  readonly #arriving = new AbortController();
  #answered = 0;
  #slowestMs = 0;
  #total = 0;

  constructor(client: Client, ledger: string) {
    this.#client = client;
    this.#ledger = ledger;
  }

  get total(): number {
    return this.#total;
  }

  /** Resolves when they have all arrived. */
  deliver(count: number): Promise<Delivery[]> {
    return Promise.all(Array.from({ length: count }, (_, n) => this.#deliverOne(`parcel-${n + 1}`)));
  }

  arrive(): void {
    this.#arriving.abort();
  }

  tally(): Tally {
    const { answered, slowestMs } = { answered: this.#answered, slowestMs: this.#slowestMs };
    this.#answered = this.#slowestMs = 0;
    return { answered, slowestMs };
  }

  async #deliverOne(id: string): Promise<Delivery> {
    const handle = await this.#client.start(parcel, this.#ledger, { id });
    // It waits all the while, at whichever node the balancer chose.
    const result = handle.result();
    let sent = 0;
    while (!this.#arriving.signal.aborted) {
      const at = performance.now();
      // The client draws a message id for each signal, and keeps it over all its attempts.
      await handle.signal(scan, sent + 1);
      sent++;
      this.#answered++;
      this.#total++;
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - at);
      await pause(BETWEEN_SCANS_MS);
    }
    await handle.signal(arrive);
    const { scans } = await result;
    return { id, sent, taken: scans };
  }
}
