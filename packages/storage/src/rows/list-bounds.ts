import type { ExecutionFilter, ListPage, ListPlace, Millis } from '@dfnsjs/actor-core/records';

/** What a page lies between: a time, or a place in the order of the list; both leave themselves out. */
export interface Bound {
  readonly operator: '<' | '>';
  readonly at: Millis | ListPlace;
}

/**
 * The ends of a page in the order of the list. Where a time and the place of the page before are the same end, only the
 * narrower is told: given both, a database may enter its index at the wider one and walk from there.
 */
export function boundsOf(
  { startedAfter, startedBefore }: ExecutionFilter,
  cut?: Pick<ListPage, 'order' | 'after'>,
): readonly Bound[] {
  const { order, after } = cut ?? {};
  let lowest: Millis | ListPlace | undefined = startedAfter;
  let highest: Millis | ListPlace | undefined = startedBefore;
  if (after && order === 'oldest') {
    if (startedAfter === undefined || startedAfter < after.startedAt) lowest = after;
  } else if (after && (startedBefore === undefined || startedBefore > after.startedAt)) highest = after;
  return [
    ...(lowest === undefined ? [] : [{ operator: '>', at: lowest } as const]),
    ...(highest === undefined ? [] : [{ operator: '<', at: highest } as const]),
  ];
}
