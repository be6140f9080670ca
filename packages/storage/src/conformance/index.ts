import { ACCEPTANCE } from './acceptance.ts';
import { COMMIT } from './commit.ts';
import { DEATHS } from './deaths.ts';
import { DUE } from './due.ts';
import { FAULTS } from './faults.ts';
import { FENCING } from './fencing.ts';
import { HAND_OVER } from './hand-over.ts';
import { IDEMPOTENCY } from './idempotency.ts';
import { INBOX } from './inbox.ts';
import { LEASES } from './leases.ts';
import { LISTING } from './listing.ts';
import { MEMBERS } from './members.ts';
import type { ConformanceCase, OpenedStore } from './opened-store.ts';
import { OPEN_COUNT } from './open-count.ts';
import { OPEN_WORKFLOWS } from './open-workflows.ts';
import { REFUSALS } from './refusals.ts';
import { REMOVAL } from './removal.ts';
import { RETENTION } from './retention.ts';
import { SNAPSHOT } from './snapshot.ts';
import { UNKNOWN_OUTCOME } from './unknown-outcome.ts';

export { type Fault, type FaultSchedule, FaultyStore, type StoreCall } from './faulty-store.ts';
export type { ConformanceCase, OpenedStore } from './opened-store.ts';

const THEMES: Readonly<Record<string, readonly ConformanceCase[]>> = {
  commit: COMMIT,
  refusals: REFUSALS,
  fencing: FENCING,
  'unknown outcome': UNKNOWN_OUTCOME,
  idempotency: IDEMPOTENCY,
  snapshot: SNAPSHOT,
  inbox: INBOX,
  acceptance: ACCEPTANCE,
  due: DUE,
  'open workflows': OPEN_WORKFLOWS,
  'open count': OPEN_COUNT,
  leases: LEASES,
  members: MEMBERS,
  'hand-over': HAND_OVER,
  deaths: DEATHS,
  listing: LISTING,
  removal: REMOVAL,
  retention: RETENTION,
  faults: FAULTS,
};

/** All that must hold of a store, each case under the name of its theme. */
export const CASES: readonly ConformanceCase[] = Object.entries(THEMES).flatMap(([theme, cases]) =>
  cases.map(({ name, run }) => ({ name: `${theme}: ${name}`, run })),
);

/**
 * Registers every case with a test runner. `open` makes a fresh, empty store for each.
 *
 * ```ts
 * conformance('mine', openMine, (title, body) => test(title, body));
 * ```
 */
export function conformance(
  name: string,
  open: () => Promise<OpenedStore>,
  register: (title: string, body: () => Promise<void>) => void,
): void {
  for (const { name: title, run } of CASES) {
    register(`${name}: ${title}`, async () => {
      const opened = await open();
      try {
        await run(opened);
      } finally {
        await opened.dispose();
      }
    });
  }
}
