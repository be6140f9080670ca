import type { InboxRow } from '@dfnsjs/actor-core/ports';
import { type Histories, inboxKey } from './history.ts';
import { Violation } from './violation.ts';

/** A body as it announces itself: idempotency key (execution, run, command) and attempt. */
export interface BodyStart {
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly name: string;
}

/** `execution/run/command`: the execution's id may hold slashes. */
export function commandOf(key: string): { readonly runId: string; readonly command: number } {
  const parts = key.split('/');
  return { runId: parts.at(-2) ?? '', command: Number(parts.at(-1)) };
}

/** Nothing leaves an actor on the strength of a turn that is not durable. */
export class OutputCommit {
  readonly #histories: Histories;

  constructor(histories: Histories) {
    this.#histories = histories;
  }

  bodyStarts(body: BodyStart): void {
    const { runId, command } = commandOf(body.idempotencyKey);
    const asked = this.#histories.byRunId.get(runId)?.commands[command - 1];
    if (asked?.kind !== 'task' || asked.name !== body.name) {
      throw new Violation(
        'output-commit',
        `"${body.name}" began, but command ${command} of ${runId} is not committed.`,
      );
    }
  }

  delivered(row: InboxRow): void {
    if (this.#histories.sent.has(inboxKey(row))) return;
    throw new Violation('output-commit', `Message ${row.number} of ${row.sender} was delivered and is not committed.`);
  }

  /** A message was answered as accepted: it is in a history, or a row. */
  accepted(what: string, taken: boolean, row: boolean): void {
    if (!taken && !row) throw new Violation('output-commit', `${what} was accepted and is nowhere.`);
  }

  started(id: string, runId: string): void {
    if (!this.#histories.byRunId.has(runId))
      throw new Violation('output-commit', `"${id}" was answered and is not stored.`);
  }
}
