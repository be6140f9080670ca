import test from 'ava';
import { askedOf } from './asked.ts';

test('the same filter is the same text in any order, and another one another', t => {
  const one = askedOf({ namespace: 'n', status: ['failed', 'running'], attributes: { a: 1, b: 'x' } });
  t.is(askedOf({ namespace: 'n', attributes: { b: 'x', a: 1 }, status: ['running', 'failed'] }), one);
  const others = [
    { namespace: 'm', status: ['failed', 'running'], attributes: { a: 1, b: 'x' } },
    { namespace: 'n', attributes: { a: 1, b: 'x' } },
    { namespace: 'n', status: ['failed', 'running'], attributes: { a: '1', b: 'x' } },
    { namespace: 'n', status: ['failed', 'running'], attributes: { a: 1, b: 'x' }, id: 'a' },
    { namespace: 'n', status: ['failed', 'running'], attributes: { a: 1, b: 'x' }, idPrefix: 'a' },
    { namespace: 'n', status: ['failed', 'running'], attributes: { a: 1, b: 'x' }, held: false },
  ] as const;
  const texts = others.map(other => askedOf(other as never));
  t.is(new Set([one, ...texts]).size, others.length + 1);
});
