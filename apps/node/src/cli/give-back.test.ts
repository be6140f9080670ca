import test from 'ava';
import { giveBackMemory } from './give-back.ts';

test('what nobody holds is given back, and nobody else gets the means', async t => {
  const before = new WeakRef(new Array(1_000).fill('x'));
  // A WeakRef holds what it was made of until the turn is over.
  await new Promise(resolve => setImmediate(resolve));
  giveBackMemory();
  t.is(before.deref(), undefined);
  t.is((globalThis as { readonly gc?: unknown }).gc, undefined);
});
