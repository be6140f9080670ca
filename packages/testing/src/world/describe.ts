import type { ActorCommit, CommitBatch } from '@dfnsjs/actor-core/ports';
import {
  type Command,
  decode,
  decodeTurn,
  describeCommand,
  type Message,
  type Payload,
} from '@dfnsjs/actor-core/records';

/** A batch in one line of a trace. Of recorded errors the name and message: stacks differ from place to place. */
export function describeBatch(batch: CommitBatch): string {
  return `${batch.commitId} ${batch.actors.map(describeEntry).join(' | ')}`;
}

function describeEntry(entry: ActorCommit): string {
  const parts = [`${entry.eid}@${entry.epoch}>${entry.prevSeq}`];
  if (entry.insert) parts.push(`insert ${entry.insert.eid} ${entry.insert.id} ${entry.insert.workflow}`);
  if (entry.update) parts.push(`update ${Object.keys(entry.update).join(',')} wake ${String(entry.update.wakeAt)}`);
  if (entry.journal) {
    const turn = decodeTurn(entry.journal.seq, entry.journal.turn);
    parts.push(`turn ${turn.seq} [${turn.messages.map(describeMessage).join('; ')}]`);
    parts.push(`-> [${turn.commands.map(command => describeAsked(command)).join('; ')}]`);
  }
  for (const key of entry.takes ?? []) parts.push(`take ${key.sender}#${key.number}`);
  for (const row of entry.sends ?? []) parts.push(`send ${row.receiver} ${row.sender}#${row.number}`);
  for (const row of entry.accepts ?? []) parts.push(`accept ${row.accepted}`);
  return parts.join(' ');
}

export function describeMessage(message: Message): string {
  const head = `${message.kind} ${message.at}`;
  switch (message.kind) {
    case 'task-done':
      return `${head} ${message.command}/${message.attempt} ${digest(message.result)}`;
    case 'task-failed':
      return `${head} ${message.command}/${message.attempt} ${errorText(message.error)} ${message.retryAt}`;
    case 'timer':
    case 'task-started':
      return `${head} ${message.command}`;
    case 'signal':
      return `${head} ${message.name} ${message.id ?? `${message.sender}#${message.number}`} ${digest(message.payload)}`;
    case 'update':
      return `${head} ${message.name} ${message.id} ${digest(message.payload)}`;
    case 'sent':
      return `${head} ${message.command}${message.error ? ` ${errorText(message.error)}` : ''}`;
    case 'cancel':
    case 'terminate':
      return `${head} ${message.id}`;
    case 'timeout':
      return `${head} ${message.of}`;
    case 'crash':
      return `${head} ${message.commands.join(',')}`;
    case 'amend':
      return `${head} ${message.id}`;
    case 'task-override':
      return `${head} ${message.id} ${message.command} ${message.action}`;
    case 'reset':
      return `${head} ${message.runId}`;
    case 'retry':
      return message.again ? `${head} ${message.again.join(',')}` : head;
    case 'start':
      return head;
  }
}

function describeAsked(command: Command): string {
  if ('due' in command) return `${describeCommand(command)} ${command.due}`;
  if (command.kind === 'answer')
    return `${describeCommand(command)} ${command.ok ? digest(command.payload) : errorText(command.payload)}`;
  return describeCommand(command);
}

export function errorText(payload: Payload): string {
  const { name, message } = decode(payload) as { readonly name: string; readonly message: string };
  return `${name}: ${message}`;
}

/** FNV-1a, enough to tell payloads apart. */
function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.byteLength}:${(hash >>> 0).toString(16)}`;
}

export function describeAnswer(answer: unknown): string {
  if (typeof answer !== 'object') return `${answer as string | number | boolean | undefined}`;
  if (!Array.isArray(answer)) return answer ? 'there' : 'null';
  return answer
    .map(each => (typeof each === 'object' && each && 'kind' in each ? String(each.kind) : each ? '+' : '-'))
    .join('');
}
