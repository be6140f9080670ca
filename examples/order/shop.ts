import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

declare module 'dfns' {
  interface Deps {
    readonly ledger: Ledger;
    readonly gateway: Gateway;
    readonly carrier: Carrier;
  }
}

export interface BodyStart {
  readonly process: number;
  readonly body: string;
  readonly attempt: number;
  readonly key: string;
}

/** What really happened: a file to which each task body appends a line before it does anything else. */
export class Ledger {
  readonly #path: string;
  readonly #process: number;

  constructor(folder: string, process: number) {
    this.#path = join(folder, 'ledger');
    this.#process = process;
  }

  started(body: string, attempt: number, key: string): void {
    const line: BodyStart = { process: this.#process, body, attempt, key };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }

  read(): BodyStart[] {
    return linesOf(this.#path).map(line => JSON.parse(line) as BodyStart);
  }
}

/** Takes money, but only at the third try. */
export class Gateway {
  #tries = 0;

  async charge(amount: number, _key: string): Promise<number> {
    if (++this.#tries < 3) throw new Error('The gateway answers 503.');
    return amount;
  }
}

/** Sends parcels: one for each key, however often it is asked. What it has sent outlives this process. */
export class Carrier {
  readonly #path: string;
  readonly #accepted: () => Promise<void>;

  constructor(folder: string, accepted: () => Promise<void>) {
    this.#path = join(folder, 'parcels');
    this.#accepted = accepted;
  }

  async ship(what: string, key: string): Promise<string> {
    if (!this.parcels().some(line => line.startsWith(key))) appendFileSync(this.#path, `${key} ${what}\n`);
    await this.#accepted();
    return `parcel ${this.parcels().findIndex(line => line.startsWith(key)) + 1}`;
  }

  parcels(): string[] {
    return linesOf(this.#path);
  }
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}
