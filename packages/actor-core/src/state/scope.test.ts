import test from 'ava';
import { cancellationOf, isWithin, openScope, type Cancellation } from './scope.ts';

const why: Cancellation = { kind: 'cancel', reason: 'r' };

test('cancellation reaches all below, but nothing behind a shield', t => {
  const root = openScope(null);
  const part = openScope(root);
  const shield = openScope(part, true);
  const behind = openScope(shield);
  root.cancelled = why;
  t.deepEqual([root, part, shield, behind].map(cancellationOf), [why, why, null, null]);
  t.deepEqual(
    [part, shield, behind].map(scope => isWithin(scope, root)),
    [true, false, false],
  );
  shield.cancelled = { kind: 'timeout', reason: null };
  t.is(cancellationOf(behind), shield.cancelled);
  t.true(isWithin(behind, shield));
  t.false(isWithin(root, part));
});

test('the nearest cancellation counts', t => {
  const root = openScope(null);
  const part = openScope(root);
  root.cancelled = why;
  part.cancelled = { kind: 'race', reason: null };
  t.is(cancellationOf(part), part.cancelled);
});
