import type { ShardId } from '../ids/ids.ts';
import type { AtRest } from '../ports/store/open-count.ts';
import { unavailable } from './answers.ts';
import type { EngineParts } from './parts.ts';

const RETRY_MS = 250;

/** Has the store count what is open in the shards, until it has or they are another's: as of a moment in the commit lane. */
export async function countOpen(parts: EngineParts, shards: readonly ShardId[]): Promise<void> {
  const { store, clock, log } = parts.options;
  const open = parts.metering?.open;
  if (!open) return;
  for (;;) {
    const own = shards.filter(shard => parts.owned.has(shard));
    if (own.length === 0 || parts.stopping) return;
    let counted: ReturnType<typeof open.begin> = () => undefined;
    let isOver = false;
    const atRest: AtRest = moment =>
      new Promise((resolve, reject) => {
        void parts.committer.exclusively(async () => {
          // Of a call that was given up nobody waits for the moment.
          if (isOver) return reject(unavailable());
          counted = open.begin(own.filter(shard => parts.owned.has(shard)));
          await moment().then(resolve, reject);
        });
      });
    try {
      const counts = await store.countOpen(own, atRest);
      return counted(counts);
    } catch (error) {
      isOver = true;
      if (parts.stopping) return;
      log.write('warn', 'what is open could not be counted yet', { error: String(error) });
      await new Promise<void>(resolve => clock.setTimer(clock.now() + RETRY_MS, resolve));
    }
  }
}
