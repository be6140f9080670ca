import type { RecordedCause, RecordedError } from '../errors/error-record.ts';
import type { Status } from '../execution/status.ts';
import type { Turn } from '../journal/turn.ts';
import type { Message } from '../message/message.ts';
import { decode } from '../payload/decode.ts';
import type { Payload } from '../payload/payload.ts';

/** A place in a journal: what comes before this message of this turn, both counted from 0. */
export interface Cut {
  readonly turn: number;
  readonly message: number;
}

/** Before everything. */
export const START: Cut = { turn: 0, message: 0 };

/**
 * Where the failure that ended a run began. Of a run that failed: the final failure of the task whose error it ended
 * with, or is caused by, however long its code went on after that; else, since its own code threw, the message that it
 * was given last. Of one that timed out or was terminated: the message that says so. undefined where there is none.
 */
export function cutBeforeFailure(turns: readonly Turn[], status: Status, output: Payload | null): Cut | undefined {
  switch (status) {
    case 'timed-out':
      return findFirst(turns, message => message.kind === 'timeout' && message.of !== 'cleanup');
    case 'terminated':
      return findFirst(turns, message => message.kind === 'terminate');
    case 'failed':
      return (output && failureOf(turns, output)) ?? lastMessage(turns);
    case 'running':
    case 'completed':
    case 'cancelled':
    case 'continued-as-new':
      return undefined;
  }
}

function failureOf(turns: readonly Turn[], output: Payload): Cut | undefined {
  const ended = new Set<string>();
  collect(recorded(output), ended);
  return findLast(turns, message => {
    const error = finalFailure(message);
    return error !== null && ended.has(keyOf(recorded(error)));
  });
}

function finalFailure(message: Message): Payload | null {
  if (message.kind === 'task-failed') return message.retryAt === null ? message.error : null;
  if (message.kind === 'task-override') return message.action === 'fail' ? message.payload : null;
  return message.kind === 'sent' ? message.error : null;
}

function collect(error: RecordedCause, into: Set<string>): void {
  if ('value' in error) return;
  into.add(keyOf(error));
  if (error.cause) collect(error.cause, into);
  for (const each of error.errors ?? []) collect(each, into);
}

function recorded(payload: Payload): RecordedError {
  return decode(payload) as RecordedError;
}

/** The same error, passed on: where it was thrown stands in its stack. */
function keyOf({ name, message, stack }: RecordedError): string {
  return JSON.stringify([name, message, stack ?? null]);
}

function lastMessage(turns: readonly Turn[]): Cut | undefined {
  return findLast(turns, () => true);
}

function findFirst(turns: readonly Turn[], is: (message: Message) => boolean): Cut | undefined {
  for (const [turn, { messages }] of turns.entries()) {
    const message = messages.findIndex(is);
    if (message >= 0) return { turn, message };
  }
  return undefined;
}

function findLast(turns: readonly Turn[], is: (message: Message) => boolean): Cut | undefined {
  for (let turn = turns.length - 1; turn >= 0; turn--) {
    const message = turns[turn]!.messages.findLastIndex(is);
    if (message >= 0) return { turn, message };
  }
  return undefined;
}
