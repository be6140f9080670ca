import { createHash } from 'node:crypto';

const KEPT_LINES = 400;

/** What happened in a world, line by line: a hash over all of it, and its end for people. */
export class Trace {
  readonly #hash = createHash('sha256');
  #lines: string[] = [];
  #count = 0;

  write(at: number, line: string): void {
    const text = `${at} ${line}\n`;
    this.#hash.update(text);
    this.#count++;
    this.#lines.push(text);
    if (this.#lines.length > 2 * KEPT_LINES) this.#lines = this.#lines.slice(-KEPT_LINES);
  }

  get count(): number {
    return this.#count;
  }

  /** 32 hex digits. */
  hash(): string {
    return this.#hash.copy().digest('hex').slice(0, 32);
  }

  tail(lines: number): string {
    return this.#lines.slice(-lines).join('');
  }
}
