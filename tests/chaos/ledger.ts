import { appendFileSync, readFileSync } from 'node:fs';
import type { TaskContext } from 'dfns';

/** A body that began. */
export interface Begun {
  /** `once`: it may begin only once, whatever dies. */
  readonly kind: 'once' | 'again';
  /** Of the task that was asked for. */
  readonly key: string;
  readonly place: string;
}

/** Writes down that the body begins, before it does anything: no store and no retry can change that. */
export function begins(ledger: string, kind: Begun['kind'], key: string, t: TaskContext): void {
  const line: Begun = { kind, key, place: String(t.deps['place']) };
  appendFileSync(ledger, `${JSON.stringify(line)}\n`);
}

/** In the order in which they began. */
export function begunIn(ledger: string): Begun[] {
  return readFileSync(ledger, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Begun);
}

/** What began again though nobody that had it died, or though it may begin only once. */
export function begunAgain(begun: readonly Begun[], harmed: ReadonlySet<string>): string[] {
  const wrong: string[] = [];
  const last = new Map<string, Begun>();
  for (const each of begun) {
    const name = `${each.kind} ${each.key}`;
    const before = last.get(name);
    last.set(name, each);
    if (before && (each.kind === 'once' || !harmed.has(before.place))) {
      wrong.push(`began twice: ${name}, at ${before.place} and at ${each.place}`);
    }
  }
  return wrong;
}
