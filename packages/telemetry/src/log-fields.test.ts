import test from 'ava';
import { plainFields, withoutSecrets } from './log-fields.ts';

test('a field that JSON cannot hold does not break the line', t => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const hostile = {
    toJSON: () => {
      throw new Error('no');
    },
    toString: () => {
      throw new Error('no');
    },
  };
  const fields = { cycle, big: 1n, fn: () => 1, symbol: Symbol('s'), hostile, gone: undefined };
  t.deepEqual(plainFields(fields), {
    cycle: '[object Object]',
    big: '1',
    fn: '() => 1',
    symbol: 'Symbol(s)',
    hostile: 'cannot be shown',
  });
});

test('a getter that throws does not break the line', t => {
  const fields = {
    get broken(): string {
      throw new Error('no');
    },
  };
  t.deepEqual(plainFields(fields), { broken: 'cannot be shown' });
});

test('an error is its stack', t => {
  t.regex(String(plainFields({ error: new Error('boom') })['error']), /^Error: boom\n.*log-fields/);
});

test('a field may have any name', t => {
  const shown = plainFields(JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, unknown>);
  t.deepEqual(Object.entries(shown), [
    ['__proto__', 1],
    ['constructor', 2],
  ]);
});

for (const [secret, shown] of [
  ['postgres://ada:s3cr:et@db:5432/app', 'postgres://***@db:5432/app'],
  ['redis://:s3cret@cache', 'redis://***@cache'],
  ['Authorization: Bearer s3cret,', 'Authorization: Bearer ***,'],
  ['key dfns_k1_0123456789abcdef0123 was refused', 'key dfns_*** was refused'],
  ['udp://127.0.0.1:8125 and a@b.example stay', 'udp://127.0.0.1:8125 and a@b.example stay'],
] as const) {
  test(`"${shown}" is what a log shows of a secret`, t => t.is(withoutSecrets(secret), shown));
}

test('a line that is long and full of colons is not slow to look through', t => {
  const line = `x://${'a:'.repeat(500_000)}`;
  t.is(withoutSecrets(line), line);
});
