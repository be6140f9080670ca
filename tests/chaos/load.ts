import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'dfns/client';
import { end, entity, note, type Note } from './entity.ts';

const SENDERS = ['a', 'b'];
const BETWEEN_MS = 100;

export interface Ended {
  readonly id: string;
  /** By sender: so many notes were answered with 202. */
  readonly answered: ReadonlyMap<string, number>;
  readonly taken: readonly Note[];
  readonly lost: number;
}

/** Entities, to each of which senders send notes, one after the other, while others wait for its result. */
export class Load {
  readonly #client: Client;
  readonly #ids: readonly string[];
  readonly #ending = new AbortController();
  /** By sender of each entity: when its last note was sent that was answered. */
  readonly #sentAt = new Map<string, number>();
  readonly ended: Promise<Ended[]>;

  constructor(client: Client, entities: number, ledger: string) {
    this.#client = client;
    this.#ids = Array.from({ length: entities }, (_, n) => `entity-${n}`);
    this.ended = Promise.all(this.#ids.map(id => this.#one(id, ledger)));
    // Whoever awaits it hears of it.
    this.ended.catch(() => undefined);
  }

  /** Whether each sender has had an answer to a note that it sent since then. */
  allAnsweredSince(at: number): boolean {
    return this.#ids.every(id => SENDERS.every(from => (this.#sentAt.get(`${id} ${from}`) ?? 0) > at));
  }

  end(): void {
    this.#ending.abort();
  }

  async #one(id: string, ledger: string): Promise<Ended> {
    const handle = await this.#client.start(entity, ledger, { id });
    const results = [handle.result(), this.#client.get(entity, id).result()];
    const answered = new Map<string, number>();
    await Promise.all(
      SENDERS.map(async from => {
        for (let n = 1; !this.#ending.signal.aborted; n++) {
          const at = performance.now();
          await handle.signal(note, { from, n });
          answered.set(from, n);
          this.#sentAt.set(`${id} ${from}`, at);
          await pause(BETWEEN_MS);
        }
      }),
    );
    await handle.signal(end);
    const [{ taken, lost }] = (await Promise.all(results)) as [{ taken: Note[]; lost: number }];
    return { id, answered, taken, lost };
  }
}
