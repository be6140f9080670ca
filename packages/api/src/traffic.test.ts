import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import test from 'ava';
import { Traffic } from './traffic.ts';

const BOUNDS = { requests: 3, bodyBytes: 100_000, answerBytes: 1_000, patienceMs: 1_000, slowestBytesAMs: 16 };
const overloaded = (reason: string) => ({ code: 'OVERLOADED', message: new RegExp(reason) });

function scene() {
  const alarms = new Map<number, () => void>();
  const clock = {
    now: () => 0,
    setTimer(at: number, ring: () => void) {
      alarms.set(at, ring);
      return { cancel: () => void alarms.delete(at) };
    },
  };
  const traffic = new Traffic(clock, { random: () => 0.5 }, BOUNDS);
  const socket = () => {
    const made = new EventEmitter() as Socket;
    made.destroy = () => (made.emit('close'), made);
    return made;
  };
  const enter = (on: Socket, bytes = 0) => {
    const response = new EventEmitter() as ServerResponse;
    traffic.enter(on, response, bytes);
    return response;
  };
  return { traffic, socket, enter, alarms };
}

test('requests are counted until their answers are out', t => {
  const { socket, enter } = scene();
  const responses = [1, 2, 3].map(() => enter(socket()));
  t.throws(() => enter(socket()), overloaded('3 requests'));
  responses[0]?.emit('close');
  enter(socket());
  t.throws(() => enter(socket()), overloaded('3 requests'));
});

test('bytes of bodies are counted until they are there; one alone gets in whatever it brings', t => {
  const { traffic, socket, enter } = scene();
  const first = enter(socket(), 150_000);
  t.throws(() => enter(socket(), 20_000), overloaded('150000 bytes'));
  traffic.received(first);
  enter(socket(), 60_000);
  first.emit('close');
  t.throws(() => enter(socket(), 40_001), overloaded('60000 bytes'));
  enter(socket(), 40_000);
});

test('a small body gets in beside slow writers', t => {
  const { socket, enter } = scene();
  enter(socket(), 150_000);
  t.notThrows(() => enter(socket(), 16_384));
});

test('bytes of answers are counted until they are taken', t => {
  const { traffic, socket, enter } = scene();
  const connection = socket();
  const slow = enter(connection);
  traffic.answered(connection, slow, 999);
  traffic.assertRoomToAnswer();
  const other = enter(connection);
  traffic.answered(connection, other, 1);
  t.throws(() => traffic.assertRoomToAnswer(), overloaded('1000 bytes'));
  t.throws(() => enter(socket()), overloaded('1000 bytes'));
  other.emit('close');
  t.notThrows(() => enter(socket()));
});

test('a connection that ends takes all with it that it sent, once', t => {
  const { traffic, socket, enter } = scene();
  const connection = socket();
  const [first, second] = [enter(connection, 50), enter(connection, 50)];
  traffic.answered(connection, first, 1_000);
  connection.emit('close');
  first.emit('close');
  t.is(traffic.requests, 0);
  // An answer that comes too late for its caller is nobody's.
  traffic.answered(connection, second, 5_000);
  t.notThrows(() => enter(socket(), 100_000));
});

test('who takes too long over a large answer is cut off; who takes it is not', t => {
  const { traffic, socket, enter, alarms } = scene();
  const [slow, quick] = [socket(), socket()];
  traffic.answered(slow, enter(slow), 1_600_000);
  t.deepEqual([...alarms.keys()], [101_000]);
  const cutOff = alarms.get(101_000);
  t.is(traffic.requests, 1);
  cutOff?.();
  t.is(traffic.requests, 0);
  t.is(alarms.size, 0);
  const taken = enter(quick);
  traffic.answered(quick, taken, 320_000);
  t.is(alarms.size, 1);
  taken.emit('close');
  t.is(alarms.size, 0);
});

test('a refusal says when to come again, and not to all the same', t => {
  const { socket, enter } = scene();
  for (let i = 0; i < 3; i++) enter(socket());
  const error = t.throws(() => enter(socket())) as { details?: { retryAfterMs: number; reason: string } } | undefined;
  t.like(error?.details, { reason: 'requests', retryAfterMs: 1_000 });
});
