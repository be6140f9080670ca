import {
  decodeLineage,
  mergeAttributes,
  type Attributes,
  type Command,
  type Message,
  type RunRow,
  type Turn,
} from '@dfnsjs/actor-core/records';
import type { AttemptSpan, Span } from '@dfnsjs/client';

/** What a run's journal says, up to its last turn. */
export interface FoldedJournal {
  /** In order of their beginning. */
  readonly spans: readonly Span[];
  readonly attributes: Attributes;
  readonly details: string | null;
  readonly status: RunRow['status'];
  /** Of the last message. */
  readonly at: number;
}

/**
 * Folds the turns of a run into what went on in it, without running its code. Of what code gave up by itself nothing is
 * journaled: it counts as open until the run ends.
 */
export function foldJournal(run: RunRow, turns: readonly Turn[]): FoldedJournal {
  const fold = new Fold(run);
  for (const { messages, commands } of turns) {
    for (const message of messages) fold.message(message);
    for (const command of commands) fold.command(command);
  }
  return fold;
}

class Fold implements FoldedJournal {
  readonly spans: Span[] = [];
  attributes: Attributes = new Map();
  details: string | null = null;
  status: RunRow['status'] = 'running';
  at: number;
  readonly #commands: (Span | null)[] = [];
  readonly #updates = new Map<string, Span>();

  constructor(run: RunRow) {
    // A part of another run may stand at its beginning.
    this.at = run.lineage !== null && decodeLineage(run.lineage).turns > 0 ? 0 : run.startedAt;
  }

  message(message: Message): void {
    this.at = message.at;
    switch (message.kind) {
      case 'start':
        this.attributes = new Map(message.attributes);
        return;
      case 'task-done':
        return this.#end(message.command, 'completed');
      case 'task-failed': {
        const { command, error, retryAt } = message;
        if (retryAt === null) return this.#end(command, 'failed', error);
        return this.#nextAttempt(command, retryAt, { error, retryAt });
      }
      case 'crash':
        for (const command of message.commands) this.#nextAttempt(command, message.at, {});
        return;
      case 'task-override':
        if (message.action === 'complete') return this.#end(message.command, 'completed');
        if (message.action === 'fail') return this.#end(message.command, 'failed', message.payload ?? undefined);
        return this.#beginNow(message.command);
      case 'timer': {
        const kind = this.#commands[message.command - 1]?.kind;
        return this.#end(message.command, kind === 'timer' ? 'completed' : 'timed-out');
      }
      case 'sent':
        return this.#end(message.command, message.error ? 'failed' : 'completed');
      case 'signal':
        return this.#signal(message.name);
      case 'update': {
        const { id, name } = message;
        this.#updates.set(id, this.#begin({ kind: 'update', updateId: id, name }));
        return;
      }
      case 'amend':
        this.attributes = mergeAttributes(this.attributes, message.changes);
        return;
      case 'retry':
        for (const command of message.again ?? []) this.#nextAttempt(command, message.at, {});
        return;
      case 'reset':
        return this.#reset();
      case 'task-started':
      case 'cancel':
      case 'terminate':
      case 'timeout':
        return;
    }
  }

  command(command: Command): void {
    const n = this.#commands.length + 1;
    switch (command.kind) {
      case 'task': {
        const { name, label, deadline } = command;
        const attempts: AttemptSpan[] = [{ attempt: 1, startedAt: this.at }];
        this.#commands.push(
          this.#begin({ kind: 'task', command: n, name, ...labelOf(label), ...untilOf(deadline), attempts }),
        );
        return;
      }
      case 'timer':
        this.#commands.push(this.#begin({ kind: 'timer', command: n, until: command.due }));
        return;
      case 'wait': {
        const { names, due } = command;
        this.#commands.push(this.#begin({ kind: 'wait', command: n, name: names.join(', '), ...untilOf(due) }));
        this.#waits.set(n, names);
        return;
      }
      case 'condition':
        this.#commands.push(this.#begin({ kind: 'condition', command: n, ...untilOf(command.due) }));
        return;
      case 'send':
        this.#commands.push(this.#begin({ kind: 'send', command: n, name: command.name }));
        return;
      case 'attributes':
        this.attributes = mergeAttributes(this.attributes, command.changes);
        break;
      case 'details':
        this.details = command.text;
        break;
      case 'answer':
        this.#endSpan(this.#updates.get(command.id), command.ok ? 'completed' : 'failed');
        break;
      case 'continue':
        this.#close('continued-as-new');
        break;
      case 'close':
        this.#close(command.status);
        break;
    }
    this.#commands.push(null);
  }

  /** Names that open waits are for, by command. */
  readonly #waits = new Map<number, readonly string[]>();

  #begin(span: Omit<Span, 'status' | 'startedAt'>): Span {
    const begun: Span = { ...span, status: 'running', startedAt: this.at };
    this.spans.push(begun);
    return begun;
  }

  /** The first open wait for it takes it; else a handler or a later wait does. */
  #signal(name: string): void {
    this.#endSpan(this.#begin({ kind: 'signal', name }), 'completed');
    for (const [command, names] of this.#waits) {
      if (names.includes(name)) return this.#end(command, 'completed');
    }
  }

  #end(command: number, status: Span['status'], error?: AttemptSpan['error']): void {
    this.#waits.delete(command);
    this.#endSpan(this.#commands[command - 1] ?? undefined, status, error);
  }

  #endSpan(span: Span | undefined, status: Span['status'], error?: AttemptSpan['error']): void {
    if (!span || span.endedAt !== undefined) return;
    span.status = status;
    span.endedAt = this.at;
    const attempt = span.attempts?.at(-1);
    if (!attempt) return;
    attempt.endedAt = this.at;
    if (error !== undefined) attempt.error = error;
  }

  #nextAttempt(command: number, startedAt: number, last: Pick<AttemptSpan, 'error' | 'retryAt'>): void {
    const attempts = this.#commands[command - 1]?.attempts;
    const ended = attempts?.at(-1);
    if (!attempts || !ended) return;
    Object.assign(ended, { endedAt: this.at, ...last });
    attempts.push({ attempt: ended.attempt + 1, startedAt });
  }

  #beginNow(command: number): void {
    const attempt = this.#commands[command - 1]?.attempts?.at(-1);
    if (attempt) attempt.startedAt = this.at;
  }

  /** What was in hand at the cut is done anew. */
  #reset(): void {
    for (const { kind, endedAt, attempts } of this.spans) {
      const attempt = attempts?.at(-1);
      if (kind === 'task' && endedAt === undefined && attempt) attempt.startedAt = this.at;
    }
  }

  #close(status: RunRow['status']): void {
    this.status = status;
    for (const span of this.spans) this.#endSpan(span, 'cancelled');
  }
}

function labelOf(label: string | null): Pick<Span, 'label'> {
  return label === null ? {} : { label };
}

function untilOf(due: number | null): Pick<Span, 'until'> {
  return due === null ? {} : { until: due };
}
