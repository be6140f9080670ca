import test from 'ava';
import { parseStart } from './start.ts';

const raw = (attributes: unknown) => attributes;

test('without options an id is made, a conflict fails and a closed id is free', t => {
  t.like(parseStart(undefined, raw), { id: undefined, onConflict: 'fail', reuse: 'always', version: undefined });
});

test('what is given is kept', t => {
  const start = parseStart(
    {
      id: 'order-17',
      onConflict: 'use-existing',
      reuse: 'never',
      attributes: { tier: 'gold' },
      headers: { trace: 'abc', constructor: 'x' },
      idempotencyKey: 'key',
      version: 2,
    },
    raw,
  );
  t.deepEqual(start, {
    id: 'order-17',
    onConflict: 'use-existing',
    reuse: 'never',
    attributes: { tier: 'gold' },
    headers: new Map([
      ['trace', 'abc'],
      ['constructor', 'x'],
    ]),
    idempotencyKey: 'key',
    version: 2,
  });
});

test('every way to meet a taken id is there', t => {
  for (const onConflict of ['fail', 'use-existing', 'terminate-existing'] as const) {
    t.is(parseStart({ onConflict }, raw).onConflict, onConflict);
  }
  for (const reuse of ['always', 'after-failure', 'never'] as const) t.is(parseStart({ reuse }, raw).reuse, reuse);
});

test('a wrong value is refused by name', t => {
  const refused: [object, RegExp][] = [
    [{ id: '' }, /^id of start/],
    [{ id: 17 }, /^id of start/],
    [{ id: 'a\nb' }, /^id of start/],
    [{ id: 'x'.repeat(513) }, /^id of start/],
    [{ onConflict: 'ignore' }, /^onConflict of start/],
    [{ reuse: true }, /^reuse of start/],
    [{ headers: ['a'] }, /^headers of start/],
    [{ headers: { trace: 1 } }, /^headers of start: "trace"/],
    [{ idempotencyKey: '' }, /^idempotencyKey of start/],
    [{ version: 0 }, /^version of start/],
    [{ version: '1' }, /^version of start/],
  ];
  for (const [options, message] of refused) t.throws(() => parseStart(options, raw), { code: 'VALIDATION', message });
});

test('options of later versions are refused by name', t => {
  for (const name of ['startAt', 'delay', 'priority', 'fairness', 'debounce', 'memo', 'summary']) {
    t.throws(() => parseStart({ [name]: 1 }, raw), { code: 'VALIDATION', message: new RegExp(`no option "${name}"`) });
  }
});
