import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'dfns/client';
import { count, end, entity, note, type Note } from './workflows/entity.ts';

const SENDERS = ['a', 'b'];
const BETWEEN_MS = 100;

export interface Ended {
  readonly id: string;
  /** By sender: so many notes were answered with 202. */
  readonly answered: ReadonlyMap<string, number>;
  readonly taken: readonly Note[];
  readonly lost: number;
}

/** Entities, to each of which senders send notes, one after the other, while others ask it and wait for its result. */
export class Load {
  readonly #client: Client;
  readonly #ids: readonly string[];
  readonly #ending = new AbortController();
  /** By sender of each entity: when its last note was sent that was answered. */
  readonly #sentAt = new Map<string, number>();
  /** How long each answer took, in milliseconds. */
  readonly tookMs: number[] = [];
  #failure: unknown;
  readonly ended: Promise<Ended[]>;
  /** Answers of queries that were older than the one before. */
  readonly backwards: string[] = [];

  constructor(client: Client, entities: number, ledger: string) {
    this.#client = client;
    this.#ids = Array.from({ length: entities }, (_, n) => `entity-${n}`);
    this.ended = Promise.all(this.#ids.map(id => this.#one(id, ledger)));
    this.ended.catch((error: unknown) => (this.#failure = error));
  }

  /** Whether each sender has had an answer to a note that it sent since then; throws what one of them met. */
  allAnsweredSince(at: number): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#ids.every(id => SENDERS.every(from => (this.#sentAt.get(`${id} ${from}`) ?? 0) > at));
  }

  end(): void {
    this.#ending.abort();
  }

  async #one(id: string, ledger: string): Promise<Ended> {
    const handle = await this.#client.start(entity, ledger, { id });
    const results = [handle.result(), this.#client.get(entity, id).result()];
    const answered = new Map<string, number>();
    const sending = SENDERS.map(async from => {
      for (let n = 1; !this.#ending.signal.aborted; n++) {
        const at = performance.now();
        await handle.signal(note, { from, n });
        answered.set(from, n);
        this.#sentAt.set(`${id} ${from}`, at);
        this.tookMs.push(performance.now() - at);
        await pause(BETWEEN_MS);
      }
    });
    await Promise.all([...sending, this.#ask(id)]);
    await handle.signal(end);
    const [{ taken, lost }] = (await Promise.all(results)) as [{ taken: Note[]; lost: number }];
    return { id, answered, taken, lost };
  }

  /** One query after the other, each at another node. */
  async #ask(id: string): Promise<void> {
    const handle = this.#client.get(entity, id);
    let last = 0;
    while (!this.#ending.signal.aborted) {
      const now = await handle.query(count);
      if (now < last) this.backwards.push(`${id}: ${last} notes were taken, and ${now} later`);
      last = now;
      await pause(BETWEEN_MS);
    }
  }
}
