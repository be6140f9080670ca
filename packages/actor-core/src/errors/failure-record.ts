/** A failure that a task or workflow declares: whose it is, which one, and its data as parsed by its schema. */
export interface FailureRecord {
  readonly kind: 'task' | 'workflow';
  readonly name: string;
  readonly code: string;
  readonly data: unknown;
}
