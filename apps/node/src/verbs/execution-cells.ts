import type { ExecutionSummary } from '@dfnsjs/client';
import type { Column } from '../cli/table.ts';
import type { Paint } from '../cli/terminal.ts';
import { agoText, spanText, timeText } from '../cli/time-text.ts';

const GLYPHS: Readonly<Record<string, string>> = {
  running: '●',
  held: '■',
  stuck: '■',
  completed: '✓',
  failed: '✗',
  cancelled: '○',
  terminated: '○',
  'timed-out': '✗',
  'continued-as-new': '→',
};

/** By glyph and word, so that no colour is needed to tell. */
export function statusText(execution: Pick<ExecutionSummary, 'status' | 'held'>): string {
  const status = execution.held ? 'held' : execution.status;
  return `${GLYPHS[status] ?? '·'} ${status}`;
}

export function paintStatus({ status, held }: Pick<ExecutionSummary, 'status' | 'held'>, text: string, paint: Paint) {
  if (held) return paint('yellow', text);
  if (status === 'completed') return paint('green', text);
  if (status === 'failed' || status === 'timed-out') return paint('red', text);
  return status === 'running' ? paint('cyan', text) : paint('dim', text);
}

export function executionColumns(now: number): readonly Column<ExecutionSummary>[] {
  return [
    { title: 'STATUS', cell: statusText, paint: paintStatus },
    { title: 'ID', cell: ({ id }) => id, shrinks: true },
    { title: 'WORKFLOW', cell: workflowText, shrinks: true },
    { title: 'STARTED', cell: ({ startedAt }) => agoText(startedAt, now) },
    { title: 'TOOK', cell: ({ startedAt, closedAt }) => (closedAt ? spanText(+closedAt - +startedAt) : '') },
    { title: 'WAITS ON', cell: execution => why(execution, now), shrinks: true },
  ];
}

export function workflowText({ workflow, version }: Pick<ExecutionSummary, 'workflow' | 'version'>): string {
  return version === 1 ? workflow : `${workflow}@${version}`;
}

/** In one line: why it does not go on, or how it failed. */
export function why(execution: ExecutionSummary, now: number): string {
  // What to do stands in `dfns show`: said in every row it would hide where rows differ.
  if (execution.held) return `${execution.held.code}: ${firstSentence(execution.held.message)}`;
  if (execution.status !== 'running') return execution.status === 'completed' ? '' : (execution.lastError ?? '');
  const [first, ...others] = execution.waiting;
  if (!first) return '';
  return waitingText(first, now) + (others.length > 0 ? ` and ${others.length} more` : '');
}

export function waitingText(waiting: ExecutionSummary['waiting'][number], now: number): string {
  const { kind, name, attempt, lastError, nextAt, until, id } = waiting;
  const parts = [[kind, name ?? id].filter(Boolean).join(' ')];
  if (attempt !== undefined && attempt > 1) parts.push(`attempt ${attempt}`);
  if (lastError) parts.push(lastError);
  if (nextAt !== undefined) parts.push(`next ${agoText(new Date(nextAt), now)}`);
  if (until !== undefined) parts.push(`until ${timeText(new Date(until))}`);
  return parts.join(', ');
}

function firstSentence(text: string): string {
  return /^.*?\.(?=\s)/s.exec(text)?.[0] ?? text;
}
