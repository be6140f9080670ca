import { BOUNDS } from '../bounds.ts';
import type { Attributes } from '../execution/attributes.ts';
import type { RunRow } from '../execution/execution.ts';
import { decodeLineage } from '../execution/lineage.ts';
import type { Waiting } from '../execution/waiting.ts';
import type { MessageId, RunId } from '../ids/ids.ts';
import type { Payload } from '../payload/payload.ts';
import type { Millis } from '../time/duration.ts';
import { DedupeWindow, type KnownMessage } from './dedupe.ts';
import type { Effect } from './effect.ts';
import { dueOf, type ConditionPending, type Pending, type WaitPending } from './pending.ts';
import { Numbered } from './numbered.ts';
import { openScope, type Scope } from './scope.ts';
import { SignalBuffer } from './signal-buffer.ts';

export type Ending =
  | { readonly status: 'completed'; readonly output: Payload }
  | { readonly status: 'failed' | 'cancelled' | 'terminated' | 'timed-out'; readonly output: Payload }
  | { readonly status: 'continued-as-new'; readonly version: number | null; readonly input: Payload };

/**
 * What one run is: everything its journal decides. `receive/` and `issue/` change it and nothing else does; both are
 * functions of state and input alone, so that replay of the same messages gives the same state.
 */
export class RunState {
  readonly run: RunRow;
  /** As code sees it: where a prefix of another run is kept, that one's id until the prefix ends. */
  runId: RunId;
  /** Time of the last message. */
  at: Millis = 0;
  /** Commands issued so far. */
  issued = 0;
  readonly root: Scope = openScope(null);
  /** Open commands by number, in order of issue. */
  readonly pending = new Numbered<Pending>();
  attributes: Attributes | null;
  details: string | null;
  /** Messages sent to other executions, over all runs. */
  sends = 0;
  /** The last place that one of them was given in its receiver's inbox: what is sent next stands behind it. */
  lastAccepted = 0;
  /** The workflow function was called. */
  begun = false;
  ending: Ending | null = null;
  timedOut: 'execution' | 'run' | null = null;
  /** When a run that timed out is ended even if it still cleans up. */
  cleanupDeadline: Millis | null = null;
  cancelReason: { readonly reason: string | null } | null = null;
  lastError: string | null = null;
  /** Attributes or details differ from the row as stored. */
  rowChanged = false;
  /** Messages taken and about their bytes: the same however they are grouped into turns, unlike rows. */
  messages = 0;
  weight = 0;
  /** What the turn in hand asks for so far; null in replay. */
  effects: Effect[] | null = [];
  #signals: SignalBuffer | null = null;
  #dedupe: DedupeWindow | null = null;
  #updates: Map<MessageId, string> | null = null;
  conditions = 0;
  /** In order of issue: what may settle without a message that names it. */
  #waits: Map<number, WaitPending | ConditionPending> | null = null;
  /** Scopes whose AbortSignal somebody asked for. */
  viewed: Scope[] | null = null;
  /** Tasks, retries and sends in hand: what no stored message or timer will bring. */
  inHand = 0;

  constructor(run: RunRow) {
    this.run = run;
    this.runId = run.lineage === null ? run.runId : decodeLineage(run.lineage).origin;
    this.attributes = run.attributes;
    this.details = run.details;
  }

  get signals(): SignalBuffer {
    return (this.#signals ??= new SignalBuffer());
  }

  get unreadSignals(): number {
    return this.#signals?.size ?? 0;
  }

  get dedupe(): DedupeWindow {
    return (this.#dedupe ??= new DedupeWindow());
  }

  /** The message with this id, or with this id's key, if it was taken. */
  known(id: MessageId): KnownMessage | undefined {
    return this.#dedupe?.get(id);
  }

  knownMessages(): KnownMessage[] {
    return this.#dedupe ? [...this.#dedupe.entries()] : [];
  }

  /** Updates whose handlers run. */
  get updates(): Map<MessageId, string> {
    return (this.#updates ??= new Map());
  }

  get runningUpdates(): number {
    return this.#updates?.size ?? 0;
  }

  add(pending: Pending): void {
    this.pending.set(pending.n, pending);
    if (pending.kind === 'task' || pending.kind === 'send') this.inHand++;
    else if (pending.kind === 'condition' || pending.kind === 'wait') {
      (this.#waits ??= new Map()).set(pending.n, pending);
      if (pending.kind === 'condition') this.conditions++;
    }
  }

  remove(pending: Pending): void {
    if (!this.pending.delete(pending.n)) return;
    pending.alarm?.cancel();
    pending.alarm = null;
    if (pending.kind === 'task' || pending.kind === 'send') this.inHand--;
    else if (this.#waits?.delete(pending.n) && pending.kind === 'condition') this.conditions--;
  }

  /** The journal is past what is good for it. */
  get continueSuggested(): boolean {
    return this.messages >= BOUNDS.journalSuggestTurns || this.weight >= BOUNDS.journalSuggestBytes;
  }

  /** The first open wait for this signal. */
  waiterFor(name: string): WaitPending | undefined {
    for (const pending of this.openWaits()) {
      if (pending.kind === 'wait' && pending.names.includes(name)) return pending;
    }
    return undefined;
  }

  openWaits(): Iterable<WaitPending | ConditionPending> {
    return this.#waits?.values() ?? [];
  }

  /** The earliest moment at which a timer of this run is due; null without one. */
  nextDue(): Millis | null {
    let next: Millis | null = null;
    const take = (due: Millis | null) => {
      if (due !== null && (next === null || due < next)) next = due;
    };
    for (const pending of this.pending.values()) take(dueOf(pending));
    if (this.timedOut) take(this.cleanupDeadline);
    else {
      take(this.run.deadline);
      take(this.run.runDeadline);
    }
    return next;
  }

  waiting(): Waiting[] {
    const list: Waiting[] = [];
    for (const p of this.pending.values()) {
      switch (p.kind) {
        case 'task':
          list.push({
            kind: 'task',
            name: p.name,
            attempt: p.attempt,
            ...(p.lastError === null ? {} : { lastError: p.lastError }),
            ...(p.retryAt === null ? {} : { nextAt: p.retryAt }),
          });
          break;
        case 'timer':
          list.push({ kind: 'timer', until: p.due });
          break;
        case 'wait':
          list.push({ kind: 'signal', name: p.names.join(', '), ...(p.due === null ? {} : { until: p.due }) });
          break;
        case 'condition':
          list.push({ kind: 'condition', ...(p.due === null ? {} : { until: p.due }) });
          break;
        case 'send':
          list.push({ kind: 'execution', name: p.name, id: p.id });
          break;
      }
    }
    for (const name of this.#updates?.values() ?? []) list.push({ kind: 'update', name });
    return list;
  }
}
