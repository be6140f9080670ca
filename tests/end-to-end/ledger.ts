import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/**
 * A file to which every body that starts appends a line, and that no store, journal or retry can change: what really
 * happened. A line is written before the body does anything, and survives the process.
 */
export class Ledger {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  add(line: string): void {
    appendFileSync(this.path, `${line}\n`);
  }

  lines(): string[] {
    return existsSync(this.path) ? readFileSync(this.path, 'utf8').split('\n').filter(Boolean) : [];
  }
}
