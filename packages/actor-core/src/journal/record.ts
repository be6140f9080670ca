import { DfnsError } from '../errors/dfns-error.ts';
import { Packr } from 'msgpackr';
import type { Command } from '../command/command.ts';
import type { AttributeValue } from '../execution/attributes.ts';
import type { Message } from '../message/message.ts';
import type { Turn } from './turn.ts';
import { STEP, TASK_DONE, writeTurn } from './write-turn.ts';
import { damaged, unpackVersioned } from './unpack.ts';

/**
 * A Turn as bytes: a MessagePack array `[version, at, messages, commands, headers, traceparent]`, each message and
 * command an array that its code opens. A message's time is its distance from `at`, the first message's. Codes and
 * positions are fixed for ever; a new field goes to the end and may be absent in older rows.
 */
const VERSION = 1;

const packr = new Packr({ useRecords: false, mapsAsObjects: false, int64AsType: 'number' });

type Fields = readonly unknown[];

function messageFields(m: Message, base: number): Fields {
  const at = m.at - base;
  switch (m.kind) {
    case 'task-done':
      return [TASK_DONE, at, m.command, m.attempt, m.result];
    case 'timer':
      return [2, at, m.command];
    case 'signal':
      return [3, at, m.id, m.sender, m.number, m.name, m.payload];
    case 'start':
      return m.attributes ? [4, at, [...m.attributes]] : [4, at];
    case 'task-failed':
      return [5, at, m.command, m.attempt, m.error, m.retryAt, m.counts, m.progress];
    case 'update':
      return [6, at, m.id, m.name, m.payload];
    case 'sent':
      return m.accepted === undefined ? [7, at, m.command, m.error] : [7, at, m.command, m.error, m.accepted];
    case 'cancel':
      return [8, at, m.id, m.reason];
    case 'terminate':
      return [9, at, m.id, m.reason];
    case 'timeout':
      return [10, at, m.of];
    case 'crash':
      if (m.of) return [11, at, m.commands, m.named ?? [], m.spared ?? false, m.of];
      return m.named || m.spared ? [11, at, m.commands, m.named ?? [], m.spared ?? false] : [11, at, m.commands];
    case 'task-started':
      return [12, at, m.command];
    case 'retry':
      return m.again ? [13, at, m.again] : [13, at];
    case 'amend':
      return [14, at, m.id, m.changes.map(([name, value]) => [name, value])];
    case 'task-override':
      return [15, at, m.id, m.command, m.action, m.payload];
    case 'reset':
      return [16, at, m.runId, m.seed, m.sends, m.keepsKeys, m.lastAccepted ?? 0];
  }
}

function messageOf(f: Fields, base: number): Message {
  const at = base + number(f[1]);
  switch (f[0]) {
    case 1:
      return { kind: 'task-done', at, command: number(f[2]), attempt: number(f[3]), result: bytes(f[4]) };
    case 2:
      return { kind: 'timer', at, command: number(f[2]) };
    case 3:
      return {
        kind: 'signal',
        at,
        id: f[2] as never,
        sender: number(f[3]) as never,
        number: number(f[4]),
        name: string(f[5]),
        payload: bytes(f[6]),
      };
    case 4:
      return { kind: 'start', at, attributes: f[2] ? new Map(pairs(f[2]) as [string, AttributeValue][]) : null };
    case 5:
      return {
        kind: 'task-failed',
        at,
        command: number(f[2]),
        attempt: number(f[3]),
        error: bytes(f[4]),
        retryAt: f[5] === null ? null : number(f[5]),
        counts: f[6] !== false,
        progress: f[7] ? bytes(f[7]) : null,
      };
    case 6:
      return { kind: 'update', at, id: string(f[2]) as never, name: string(f[3]), payload: bytes(f[4]) };
    case 7:
      return {
        kind: 'sent',
        at,
        command: number(f[2]),
        error: f[3] === null ? null : bytes(f[3]),
        ...(f.length > 4 ? { accepted: number(f[4]) } : {}),
      };
    case 8:
      return { kind: 'cancel', at, id: string(f[2]) as never, reason: f[3] as string | null };
    case 9:
      return { kind: 'terminate', at, id: string(f[2]) as never, reason: f[3] as string | null };
    case 10:
      return { kind: 'timeout', at, of: string(f[2]) as never };
    case 11:
      return {
        kind: 'crash',
        at,
        commands: array(f[2]).map(number),
        ...(f.length > 3 ? { named: array(f[3]).map(number), spared: f[4] === true } : {}),
        ...(f.length > 5 ? { of: string(f[5]) as never } : {}),
      };
    case 12:
      return { kind: 'task-started', at, command: number(f[2]) };
    case 13:
      return { kind: 'retry', at, ...(f.length > 2 ? { again: array(f[2]).map(number) } : {}) };
    case 14:
      return { kind: 'amend', at, id: string(f[2]) as never, changes: pairs(f[3]) };
    case 15:
      return {
        kind: 'task-override',
        at,
        id: string(f[2]) as never,
        command: number(f[3]),
        action: string(f[4]) as never,
        payload: f[5] === null ? null : bytes(f[5]),
      };
    case 16:
      return {
        kind: 'reset',
        at,
        runId: string(f[2]) as never,
        seed: number(f[3]),
        sends: number(f[4]),
        keepsKeys: f[5] === true,
        ...(f.length > 6 ? { lastAccepted: number(f[6]) } : {}),
      };
    default:
      throw damaged(`message code ${String(f[0])}`);
  }
}

function commandFields(c: Command): Fields {
  switch (c.kind) {
    case 'task':
      return taskFields(c);
    case 'timer':
      return [3, c.due];
    case 'wait':
      return [4, c.names, c.due];
    case 'condition':
      return [5, c.due];
    case 'send':
      return [6, c.id, c.name, c.payload];
    case 'attributes':
      return [7, c.changes.map(([name, value]) => [name, value])];
    case 'details':
      return [8, c.text];
    case 'answer':
      return [9, c.id, c.ok, c.payload];
    case 'continue':
      return [10, c.version, c.input];
    case 'close':
      return [11, c.status];
  }
}

/** Most tasks have neither deadline nor label, and steps no input: what is absent at the end takes no bytes. */
function taskFields(c: Extract<Command, { kind: 'task' }>): Fields {
  const code = c.step ? STEP : 2;
  if (c.label !== null) return [code, c.name, c.input, c.deadline, c.label];
  if (c.deadline !== null) return [code, c.name, c.input, c.deadline];
  return c.input === null ? [code, c.name] : [code, c.name, c.input];
}

function commandOf(f: Fields): Command {
  switch (f[0]) {
    case 1:
    case 2:
      return {
        kind: 'task',
        step: f[0] === 1,
        name: string(f[1]),
        input: f[2] ? bytes(f[2]) : null,
        deadline: f[3] ? number(f[3]) : null,
        label: f[4] ? string(f[4]) : null,
      };
    case 3:
      return { kind: 'timer', due: number(f[1]) };
    case 4:
      return { kind: 'wait', names: array(f[1]).map(string), due: f[2] === null ? null : number(f[2]) };
    case 5:
      return { kind: 'condition', due: f[1] === null ? null : number(f[1]) };
    case 6:
      return { kind: 'send', id: string(f[1]), name: string(f[2]), payload: bytes(f[3]) };
    case 7:
      return { kind: 'attributes', changes: pairs(f[1]) };
    case 8:
      return { kind: 'details', text: string(f[1]) };
    case 9:
      return { kind: 'answer', id: string(f[1]) as never, ok: f[2] === true, payload: bytes(f[3]) };
    case 10:
      return { kind: 'continue', version: f[1] as number | null, input: bytes(f[2]) };
    case 11:
      return { kind: 'close', status: string(f[1]) as never };
    default:
      throw damaged(`command code ${String(f[0])}`);
  }
}

export function encodeTurn({ messages, commands, traceparent }: Turn): Uint8Array {
  const base = messages[0]?.at ?? 0;
  const written = writeTurn(VERSION, base, messages, commands, traceparent, FIELDS);
  if (written) return written;
  return packr.pack([
    VERSION,
    base,
    messages.map(m => messageFields(m, base)),
    commands.map(commandFields),
    null,
    traceparent,
  ]);
}

const FIELDS = { message: messageFields, command: commandFields };

/** A message on its way, as an inbox row holds it. */
export function encodeMessage(message: Message): Uint8Array {
  return packr.pack([VERSION, message.at, messageFields(message, message.at)]);
}

export function decodeMessage(row: Uint8Array): Message {
  const [, at, fields] = unpackVersioned(packr, row, VERSION, 'an inbox row');
  if (!Array.isArray(fields)) throw damaged('an inbox row holds no message');
  return read('an inbox row', () => messageOf(fields, number(at)));
}

/** INTERNAL where the bytes are no turn: the execution is then held, never the node. */
export function decodeTurn(seq: number, row: Uint8Array): Turn {
  const record = unpackVersioned(packr, row, VERSION, `turn ${seq}`);
  const base = number(record[1]);
  return read(`turn ${seq}`, () => ({
    seq,
    messages: list(record[2]).map(m => messageOf(m, base)),
    commands: list(record[3]).map(commandOf),
    traceparent: typeof record[5] === 'string' ? record[5] : null,
  }));
}

/** Whatever the parts of a damaged record lead to, it is damage. */
function read<T>(what: string, parts: () => T): T {
  try {
    return parts();
  } catch (error) {
    throw error instanceof DfnsError ? error : damaged(`${what}: ${String(error)}`);
  }
}

function list(value: unknown): Fields[] {
  if (Array.isArray(value) && value.every(Array.isArray)) return value;
  throw damaged('a list of records is none');
}

function pairs(value: unknown): [string, AttributeValue | null][] {
  if (Array.isArray(value) && value.every(each => Array.isArray(each) && typeof each[0] === 'string')) {
    return value as [string, AttributeValue | null][];
  }
  throw damaged('names and values are none');
}

function array(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw damaged(`${typeof value} where a list belongs`);
}

function number(value: unknown): number {
  if (typeof value === 'number') return value;
  throw damaged(`${typeof value} where a number belongs`);
}

function string(value: unknown): string {
  if (typeof value === 'string') return value;
  throw damaged(`${typeof value} where a string belongs`);
}

function bytes(value: unknown): never {
  if (value instanceof Uint8Array) return value as never;
  throw damaged(`${typeof value} where bytes belong`);
}
