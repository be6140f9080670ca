import type { Change } from '@dfnsjs/actor-core/ports';
import type { ToldChange, EventItem, Operations } from '@dfnsjs/client';
import { matchesFilter } from '@dfnsjs/actor-core/records';
import { askedOf } from '../events/asked.ts';
import type { OperationContext } from './context.ts';
import { storeFilter } from './executions.ts';

/** Changes of no interest that are passed over before the stream says where it stands: a cursor does not grow old. */
const PASSED_OVER = 1_000;

export function eventOperations({ feed, cursors }: OperationContext): Pick<Operations, 'events'> {
  return {
    async *events({ lastEventId, ...filter }, options): AsyncGenerator<EventItem, void, undefined> {
      const asked = askedOf(filter);
      const wanted = storeFilter(filter);
      const from = lastEventId === undefined ? undefined : cursors.read(lastEventId, asked);
      const reader = await feed.open(lastEventId === undefined ? undefined : (from ?? 'lost'), options?.abortSignal);
      const cursor = () => cursors.write(reader.places, asked);
      try {
        if (!reader.isLost) yield { cursor: cursor() };
        let passedOver = 0;
        for (;;) {
          options?.abortSignal?.throwIfAborted();
          const change = reader.take();
          if (change === undefined) await reader.more(options?.abortSignal);
          else if (change === 'missed') yield { cursor: cursor(), event: { type: 'reset' } };
          else if ((filter.id ?? change.id) === change.id && matchesFilter(wanted, change, change.held !== null)) {
            passedOver = 0;
            yield { cursor: cursor(), event: eventOf(change) };
          } else if (++passedOver >= PASSED_OVER) {
            passedOver = 0;
            yield { cursor: cursor() };
          }
        }
      } finally {
        reader.close();
      }
    },
  };
}

function eventOf(change: Change): ToldChange {
  const { kind: type, namespace, id, runId, workflow, version, status, held, turn, at } = change;
  return { type, namespace, id, runId, workflow, version, status, ...(held === null ? {} : { held }), turn, at };
}
