export const STATUSES = [
  'running',
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'timed-out',
  'continued-as-new',
] as const;

/** Of a run; `continued-as-new` only ever stands on an earlier run of a chain. Fixed order: stores keep the index. */
export type Status = (typeof STATUSES)[number];

export function isOpen(status: Status): boolean {
  return status === 'running';
}
