import type { EventsRequest } from '@dfnsjs/client';

/** What a stream was asked, as text: the same for the same filter, whatever order its parts were given in. */
export function askedOf(filter: Omit<EventsRequest, 'lastEventId'>): string {
  const { namespace, id, workflow, status, held, attributes, idPrefix, startedAfter, startedBefore } = filter;
  const parts = [namespace, id, workflow, status?.toSorted(), held, idPrefix, startedAfter, startedBefore];
  const named = Object.entries(attributes ?? {}).map(([name, value]) => [name, typeof value, value]);
  return JSON.stringify([...parts.map(part => part ?? null), named.toSorted(byName)]);
}

function byName([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}
