import test from 'ava';
import { z } from 'zod';
import { type Schema, parseSyncWith, parseWith, readSchema } from './schema.ts';

const Order = z.object({ items: z.array(z.object({ price: z.number() })), to: z.string() });

function schemaOf<Output>(validate: Schema<unknown, Output>['~standard']['validate']): Schema<unknown, Output> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

test('the parsed value is given, not the one that came', t => {
  const schema: Schema = z.string().transform(text => text.length);
  t.is(parseWith(schema, 'four', 'input'), 4);
  t.is(parseSyncWith(schema, 'four', 'input'), 4);
});

test('without a schema the value itself is given', t => {
  const value = { a: 1 };
  t.is(parseWith(undefined, value, 'input'), value);
  t.is(parseSyncWith(undefined, value, 'input'), value);
});

test('each issue is told with its path, in the message and in details', t => {
  const schema: Schema = Order;
  const error = t.throws(
    () => parseWith(schema, { items: [{ price: 1 }, { price: 'x' }], to: 1 }, 'Input of task "a"'),
    {
      code: 'VALIDATION',
      message: /^Input of task "a" is not valid: items\[1\]\.price: .*; to: /,
    },
  );
  t.like(error, { details: { issues: { 0: { path: 'items[1].price' }, 1: { path: 'to' }, length: 2 } } });
});

test('an issue of the whole value has no path', t => {
  const schema: Schema = z.string();
  t.throws(() => parseWith(schema, 1, 'input'), { message: /^input is not valid: Invalid input/ });
});

test('a path segment may be an object with a key', t => {
  const schema = schemaOf<never>(() => ({ issues: [{ message: 'bad', path: [{ key: 'a' }, { key: 0 }, 'b'] }] }));
  t.throws(() => parseSyncWith(schema, undefined as never, 'input'), { message: 'input is not valid: a[0].b: bad' });
});

test('many issues are cut in the message, not in details', t => {
  const issues = Array.from({ length: 9 }, (_, n) => ({ message: `bad ${n}` }));
  const error = t.throws(
    () =>
      parseSyncWith(
        schemaOf<unknown>(() => ({ issues })),
        1,
        'input',
      ),
    {
      message: 'input is not valid: bad 0; bad 1; bad 2; bad 3; bad 4; and 4 more',
    },
  );
  t.like(error, { details: { issues: { length: 9 } } });
});

test('an asynchronous schema gives a promise', async t => {
  const schema: Schema = z.string().refine(async text => text !== 'bad');
  t.is(await parseWith(schema, 'good', 'input'), 'good');
  const refused = parseWith(schema, 'bad', 'input');
  t.true(refused instanceof Promise);
  await t.throwsAsync(async () => refused, { code: 'VALIDATION', message: /^input is not valid/ });
});

test('an asynchronous schema is refused where there is no time to wait, whatever becomes of it', t => {
  const failing = schemaOf<unknown>(() => Promise.reject(new Error('late')));
  t.throws(() => parseSyncWith(failing, 1, 'input'), { code: 'VALIDATION', message: /asynchronous schema/ });
});

test('a schema that throws or rejects is VALIDATION with its error as cause', async t => {
  const cause = new TypeError('oops');
  const throwing = schemaOf<unknown>(() => {
    throw cause;
  });
  const thrown = t.throws(() => parseWith(throwing, 1, 'input'), {
    code: 'VALIDATION',
    message: /its schema threw: oops/,
  });
  t.is(thrown?.cause, cause);
  const rejecting = schemaOf<unknown>(() => Promise.reject(cause));
  const rejected = await t.throwsAsync(async () => parseWith(rejecting, 1, 'input'), { code: 'VALIDATION' });
  t.is(rejected?.cause, cause);
});

test('only a Standard Schema is a schema', t => {
  const callable = Object.assign(
    () => 1,
    schemaOf(() => ({ value: 1 })),
  );
  t.is(readSchema(callable, 'input'), callable);
  t.is(readSchema(undefined, 'input'), undefined);
  for (const value of [
    null,
    1,
    'text',
    {},
    () => 1,
    { '~standard': { version: 2, validate: () => 1 } },
    { '~standard': null },
  ]) {
    t.throws(() => readSchema(value, 'input of task "a"'), {
      code: 'VALIDATION',
      message: /^input of task "a" must be/,
    });
  }
});
