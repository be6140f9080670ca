import test from 'ava';
import { CancelledError } from './cancelled-error.ts';
import { DfnsError } from './dfns-error.ts';
import { recordError, type RecordedError } from './recorded-error.ts';
import { reviveError } from './revive-error.ts';
import { TaskError } from './task-error.ts';
import { TerminatedError } from './terminated-error.ts';
import { TimeoutError } from './timeout-error.ts';

class BadAddress extends TypeError {
  readonly street = 'none';
}

function withFields<T extends object>(error: Error, fields: T): Error & T {
  return Object.assign(error, fields);
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at = error; at instanceof Error && causes.length < 1_000; at = at.cause) causes.push(at.cause);
  return causes;
}

const errors: Record<string, unknown> = {
  Error: new Error('plain'),
  'an Error without a message': new Error(),
  TypeError: new TypeError('t'),
  RangeError: new RangeError('r'),
  AggregateError: new AggregateError([new TypeError('one'), 'two', 3], 'many', { cause: new Error('why') }),
  DOMException: new DOMException('aborted', 'AbortError'),
  'a cause that is undefined': new Error('x', { cause: undefined }),
  'causes of all kinds': new Error('1', { cause: new RangeError('2', { cause: { text: 'no error' } }) }),
  'codes: text and number': [withFields(new Error(), { code: 'ENOENT' }), withFields(new Error(), { code: 23_505 })][1],
  'a code that is an object': withFields(new Error('x'), { code: { a: 1 } }),
  'fields of many kinds': withFields(new Error('x'), {
    n: 1n,
    at: new Date(1),
    url: new URL('a:b'),
    map: new Map([['k', new Set([1])]]),
    bytes: Uint8Array.of(1),
    list: [{ a: null }],
  }),
  'an Error among the fields': withFields(new Error('x'), {
    original: new SyntaxError('o', { cause: new Error('c') }),
  }),
  "a field `errors` that is no AggregateError's": withFields(new Error('x'), { errors: [{ path: 'a' }] }),
  'a name of its own': withFields(new Error('x'), { name: 'CardDeclined' }),
  'a subclass': new BadAddress('b'),
  DfnsError: new DfnsError('NOT_FOUND', 'n', { details: { id: 'a' } }),
  TaskError: new TaskError('t', { task: 'mail', attempt: 3, code: 'TIMEOUT', cause: new TimeoutError('late') }),
  TimeoutError: new TimeoutError('t', { details: { after: 5 } }),
  CancelledError: new CancelledError('c', { details: { reason: 'why' } }),
  TerminatedError: new TerminatedError('t'),
  'a thrown string': 'boom',
  'a thrown object': { message: 'm', a: 1 },
  'thrown null': null,
};

for (const [kind, error] of Object.entries(errors)) {
  test(`record and revive are inverse: ${kind}`, t => {
    const record = recordError(error);
    const revived = reviveError(record);
    t.true(revived instanceof Error);
    t.deepEqual(recordError(revived), record);
  });
}

test('what an error says survives', t => {
  const original = withFields(new RangeError('deep'), { code: 'E', status: 418, details: [1] });
  const revived = reviveError(recordError(new TypeError('bad', { cause: original })));
  const cause = revived.cause as typeof original;
  t.is(revived.message, 'bad');
  t.regex(String(revived.stack), /^TypeError: bad\n {4}at /);
  t.true(cause instanceof RangeError);
  t.is(cause.stack, original.stack);
  t.like(cause, { name: 'RangeError', message: 'deep', code: 'E', status: 418, details: [1] });
  t.deepEqual(Object.keys(cause).sort(), ['code', 'details', 'status']);
});

test('errors of dfns are instances of their classes, with code and fields', t => {
  const revived = reviveError(recordError(errors['TaskError']));
  t.true(revived instanceof TaskError && revived instanceof DfnsError);
  t.like(revived, { name: 'TaskError', code: 'TIMEOUT', task: 'mail', attempt: 3 });
  t.true(revived.cause instanceof TimeoutError);
  for (const [kind, ErrorClass] of Object.entries({ TimeoutError, CancelledError, TerminatedError })) {
    t.true(reviveError(recordError(errors[kind])) instanceof ErrorClass, kind);
  }
});

test("a user's error under the name and code of one of ours does not become ours", t => {
  const Foreign = class TimeoutError extends Error {
    override name = 'TimeoutError';
    code = 'TIMEOUT';
  };
  const revived = reviveError(recordError(new Foreign('x')));
  t.false(revived instanceof DfnsError);
  t.is(revived.name, 'TimeoutError');
});

test('a record that came without classes is ours by name and code', t => {
  const record: RecordedError = { name: 'TimeoutError', message: 'm', code: 'TIMEOUT' };
  t.true(reviveError(record) instanceof TimeoutError);
  t.false(reviveError({ ...record, code: 'ELSE' }) instanceof DfnsError);
  t.is(reviveError(record).stack, 'TimeoutError: m');
});

test('a subclass that is not known comes back as the nearest class that is', t => {
  class Late extends TimeoutError {}
  const revived = reviveError(recordError(new Late('l')));
  t.true(revived instanceof TimeoutError);
  t.deepEqual(recordError(revived).classes, ['Late', 'TimeoutError', 'DfnsError']);
  t.true(reviveError(recordError(new BadAddress('b'))) instanceof TypeError);
});

test('whatever is thrown can be recorded', t => {
  t.like(recordError('boom'), { name: 'Error', message: 'boom', cause: { value: 'boom' } });
  t.is(recordError(undefined).message, 'A value that is no Error was thrown: undefined.');
  t.is(recordError(Symbol('s')).message, 'A value that is no Error was thrown: Symbol(s).');
  t.is(recordError(() => 1).message, 'A value that is no Error was thrown: a function.');
  t.is(recordError({ message: 'from an object' }).message, 'from an object');
  t.is(recordError(Object.create(null)).message, 'An object that is no Error was thrown.');
});

test('errors that resist are recorded all the same', t => {
  const fail = () => {
    throw new Error('no entry');
  };
  const laden = new Error('laden');
  for (const key of ['message', 'name', 'stack', 'cause', 'code', 'details'])
    Object.defineProperty(laden, key, { get: fail });
  Object.defineProperty(laden, 'field', { get: fail, enumerable: true });
  t.deepEqual(recordError(laden), {
    name: 'Error',
    message: '',
    props: { field: '[unreadable]' },
    cause: { value: undefined },
  });
  const traps = { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail };
  t.notThrows(() => recordError(new Proxy(new Error('x'), traps)));
  t.notThrows(() => recordError(new Error('x', { cause: new Proxy({}, traps) })));
  const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
  revoke();
  t.notThrows(() => recordError(proxy));
  t.is(recordError(Object.freeze(new Error('frozen'))).message, 'frozen');
});

class Socket {
  readonly port = 1;
}

test('what cannot be encoded is described', t => {
  const { props } = recordError(
    withFields(new Error('x'), {
      fn: function named() {},
      symbol: Symbol('s'),
      regexp: /a/,
      socket: new Socket(),
      promise: Promise.resolve(),
      big: 2n ** 9_999n,
    }),
  );
  t.deepEqual(props, {
    fn: '[function named]',
    symbol: '[Symbol(s)]',
    regexp: '[RegExp]',
    socket: '[Socket]',
    promise: '[Promise]',
    big: '[bigint]',
  });
});

test('circles are cut', t => {
  const fields: { self: unknown; list: unknown[] } = { self: null, list: [] };
  const error = withFields(new Error('x'), fields);
  error.cause = error;
  error.self = error;
  error.list.push(error.list);
  t.like(recordError(error), { cause: { value: '[circular]' }, props: { self: '[circular]', list: ['[circular]'] } });
  const [first, second] = [new Error('first'), new Error('second')];
  first.cause = second;
  second.cause = first;
  t.like(recordError(first), { cause: { message: 'second', cause: { value: '[circular]' } } });
});

test('depth and size are bounded', t => {
  let chain = new Error('root');
  for (let i = 0; i < 10_000; i++) chain = new Error(`${i}`, { cause: chain });
  const causes = causesOf(reviveError(recordError(chain)));
  t.is(causes.length, 33);
  t.is(causes.at(-1), '[more causes were cut]');

  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i++) deep = { deep };
  t.regex(JSON.stringify(recordError(withFields(new Error('x'), { deep }))), /\[more was cut\]/);

  const large = withFields(new Error('m'.repeat(1e6)), {
    text: 's'.repeat(1e6),
    list: Array.from({ length: 1e5 }, (_, i) => i),
    bytes: new Uint8Array(1e6),
    map: new Map(Array.from({ length: 1e5 }, (_, i) => [i, i])),
    set: new Set(Array.from({ length: 1e5 }, (_, i) => i)),
    fields: Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`key${i}`, i])),
  });
  const record = recordError(large);
  t.true(record.message.endsWith('… (1000000 characters)'));
  t.is(record.message.length, 16_384);
  t.true(JSON.stringify(record).length < 100_000);
});

test('own fields named __proto__ change no prototype', t => {
  const error = new Error('x');
  Object.defineProperty(error, '__proto__', { value: { polluted: 1 }, enumerable: true });
  const revived = reviveError(recordError(error));
  t.is(Object.getPrototypeOf(revived), Error.prototype);
  t.true(Object.hasOwn(revived, '__proto__'));
});

test('a record holds copies', t => {
  const error = withFields(new Error('x'), { list: [1] });
  const record = recordError(error);
  error.list.push(2);
  t.deepEqual(record.props, { list: [1] });
});
