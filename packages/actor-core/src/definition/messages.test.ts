import test from 'ava';
import { z } from 'zod';
import { query } from './query.ts';
import { signal } from './signal.ts';
import { update } from './update.ts';

const input = z.string();
const output = z.number();

test('messages are frozen records of name and schemas', t => {
  t.deepEqual({ ...signal('a', { input }) }, { kind: 'signal', name: 'a', inputSchema: input });
  t.deepEqual(
    { ...query('a', { input, output }) },
    { kind: 'query', name: 'a', inputSchema: input, outputSchema: output },
  );
  t.deepEqual({ ...update('a') }, { kind: 'update', name: 'a', inputSchema: undefined, outputSchema: undefined });
  for (const message of [signal('a'), query('a'), update('a')]) t.true(Object.isFrozen(message));
});

test('a wrong name, option or schema is refused by name', t => {
  for (const [kind, define] of Object.entries({ signal, query, update })) {
    const untyped = define as (name: unknown, options?: unknown) => unknown;
    t.throws(() => untyped(''), { code: 'VALIDATION', message: new RegExp(`^The name of an? ${kind}`) });
    t.throws(() => untyped('x'.repeat(129)), { code: 'VALIDATION' });
    t.throws(() => untyped('a', { inptu: input }), {
      message: new RegExp(`"inptu" in ${kind} "a". Did you mean "input"`),
    });
    t.throws(() => untyped('a', { input: 1 }), { message: new RegExp(`^input of ${kind} "a"`) });
  }
  const untyped = signal as (name: string, options: unknown) => unknown;
  t.throws(() => untyped('a', { output }), { code: 'VALIDATION', message: /no option "output" in signal "a"/ });
});
