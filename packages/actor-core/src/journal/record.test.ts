import test from 'ava';
import type { Command } from '../command/command.ts';
import type { Message } from '../message/message.ts';
import { SeededRandom } from '../seeded-random.ts';
import { decodeMessage, decodeTurn, encodeMessage, encodeTurn } from './record.ts';

const bytes = (...values: number[]) => Uint8Array.from(values) as never;
const id = 'message' as never;

/** One or more of every kind: the compiler wants them all. */
const messages: { readonly [Kind in Message['kind']]: readonly Extract<Message, { kind: Kind }>[] } = {
  start: [
    { kind: 'start', at: 5, attributes: null },
    {
      kind: 'start',
      at: 5,
      attributes: new Map<string, string | number | boolean | Date>([
        ['__proto__', 'x'],
        ['n', 1.5],
        ['b', false],
        ['d', new Date(-1_000)],
      ]),
    },
  ],
  signal: [
    { kind: 'signal', at: 6, id, sender: 0, number: 0, name: 'ä', payload: bytes() },
    { kind: 'signal', at: 6, id: null, sender: (2 ** 52 + 1) as never, number: 3, name: 'n', payload: bytes(1, 2) },
  ],
  update: [{ kind: 'update', at: 7, id, name: 'u', payload: bytes(9) }],
  'task-done': [{ kind: 'task-done', at: 8, command: 1, attempt: 2, result: bytes(0) }],
  'task-failed': [
    {
      kind: 'task-failed',
      at: 8,
      command: 1,
      attempt: 2,
      error: bytes(1),
      retryAt: 1_700_000_000_000,
      counts: true,
      progress: bytes(3),
    },
    {
      kind: 'task-failed',
      at: 8,
      command: 1,
      attempt: 2,
      error: bytes(1),
      retryAt: null,
      counts: false,
      progress: null,
    },
    { kind: 'task-failed', at: 8, command: 1, attempt: 2, error: bytes(1), retryAt: 0, counts: true, progress: null },
  ],
  'task-started': [{ kind: 'task-started', at: 9, command: 4 }],
  timer: [{ kind: 'timer', at: 9, command: 4 }],
  sent: [
    { kind: 'sent', at: 9, command: 4, error: null },
    { kind: 'sent', at: 9, command: 4, error: bytes(1) },
    { kind: 'sent', at: 9, command: 4, error: null, accepted: 1_700_000_000_001 },
  ],
  amend: [
    {
      kind: 'amend',
      at: 9,
      id,
      changes: [
        ['a', null],
        ['b', new Date(-1_000)],
        ['__proto__', 1.5],
      ],
    },
  ],
  'task-override': [
    { kind: 'task-override', at: 9, id, command: 4, action: 'complete', payload: bytes(1) },
    { kind: 'task-override', at: 9, id, command: 4, action: 'retry-now', payload: null },
  ],
  reset: [
    { kind: 'reset', at: 9, runId: 'r' as never, seed: 2 ** 52 + 1, sends: 3, keepsKeys: true, lastAccepted: 7 },
    { kind: 'reset', at: 9, runId: 'r' as never, seed: 1, sends: 0, keepsKeys: false, lastAccepted: 0 },
  ],
  cancel: [{ kind: 'cancel', at: 9, id, reason: null }],
  terminate: [{ kind: 'terminate', at: 9, id, reason: 'why' }],
  timeout: [{ kind: 'timeout', at: 9, of: 'cleanup' }],
  crash: [
    { kind: 'crash', at: 9, commands: [1, 2, 3] },
    { kind: 'crash', at: 9, commands: [], named: [7, 8], spared: false },
    { kind: 'crash', at: 9, commands: [1], named: [], spared: true },
    { kind: 'crash', at: 9, commands: [1], named: [], spared: false, of: 'node-1' as never },
  ],
  retry: [
    { kind: 'retry', at: 9 },
    { kind: 'retry', at: 9, again: [1, 2] },
  ],
};

const commands: { readonly [Kind in Command['kind']]: readonly Extract<Command, { kind: Kind }>[] } = {
  task: [
    { kind: 'task', name: 's', step: true, input: null, deadline: null, label: null },
    { kind: 'task', name: 't', step: false, input: bytes(), deadline: null, label: null },
    { kind: 'task', name: 't', step: false, input: bytes(1), deadline: 1_700_000_000_000, label: null },
    { kind: 'task', name: 't', step: false, input: null, deadline: null, label: 'l' },
  ],
  timer: [{ kind: 'timer', due: 1_700_000_000_000 }],
  wait: [
    { kind: 'wait', names: ['a', 'b'], due: null },
    { kind: 'wait', names: ['a'], due: 4 },
  ],
  condition: [
    { kind: 'condition', due: null },
    { kind: 'condition', due: 0 },
  ],
  send: [{ kind: 'send', id: 'x', name: 'n', payload: bytes(1) }],
  attributes: [
    {
      kind: 'attributes',
      changes: [
        ['a', null],
        ['b', 'x'],
        ['c', new Date(5)],
        ['d', 1.5],
        ['e', true],
      ],
    },
  ],
  details: [{ kind: 'details', text: '# t' }],
  answer: [
    { kind: 'answer', id, ok: true, payload: bytes(1) },
    { kind: 'answer', id, ok: false, payload: bytes(1) },
  ],
  continue: [
    { kind: 'continue', version: null, input: bytes(1) },
    { kind: 'continue', version: 3, input: bytes(1) },
  ],
  close: [{ kind: 'close', status: 'timed-out' }],
};

const allMessages = Object.values(messages).flat();
const allCommands = Object.values(commands).flat();

for (const message of allMessages) {
  test(`a message survives a turn and an inbox row: ${JSON.stringify(message)}`, t => {
    t.deepEqual(
      plain(decodeTurn(1, encodeTurn({ seq: 1, messages: [message], commands: [], traceparent: null })).messages),
      [plain(message)],
    );
    t.deepEqual(plain(decodeMessage(encodeMessage(message))), plain(message));
  });
}

for (const command of allCommands) {
  test(`a command survives: ${JSON.stringify(command)}`, t => {
    t.deepEqual(
      plain(decodeTurn(1, encodeTurn({ seq: 1, messages: [], commands: [command], traceparent: null })).commands),
      [plain(command)],
    );
  });
}

const whole = { seq: 7, messages: allMessages, commands: allCommands, traceparent: '00-ab-cd-01' };

test('a turn survives whole, each message with its own time', t => {
  t.deepEqual(plain(decodeTurn(7, encodeTurn(whole))), plain(whole));
});

test('damaged bytes are INTERNAL or another turn, never another error', t => {
  const random = new SeededRandom(1);
  const good = encodeTurn(whole);
  for (let i = 0; i < 3_000; i++) {
    const bad = Uint8Array.from(
      good.subarray(0, random.next() < 0.3 ? Math.floor(random.next() * good.length) : good.length),
    );
    for (let n = 0; n < 3 && bad.length > 0; n++) bad[Math.floor(random.next() * bad.length)] = random.uint32() & 255;
    for (const decode of [() => decodeTurn(1, bad), () => decodeMessage(bad)]) {
      try {
        decode();
      } catch (error) {
        t.is((error as { code?: string }).code, 'INTERNAL', String(error));
      }
    }
  }
});

test('a row of a later version says so', t => {
  t.throws(() => decodeTurn(3, Uint8Array.of(0x91, 9)), { code: 'INTERNAL', message: /turn 3 has version 9/ });
});

/** The same with bytes as arrays of numbers, whatever view they are. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Map) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
