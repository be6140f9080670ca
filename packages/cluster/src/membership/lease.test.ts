import test from 'ava';
import { Lease } from './lease.ts';

test('a lease counts from when it was asked for, less a margin', t => {
  const lease = new Lease(3_000);
  t.false(lease.holds(0), 'before it was granted');
  lease.renewed(1_000);
  t.true(lease.holds(3_699));
  t.false(lease.holds(3_700));
  t.is(lease.left(3_000), 700);
  t.is(lease.left(9_000), 0);
});

test('an answer that comes late shortens nothing', t => {
  const lease = new Lease(1_000);
  lease.renewed(5_000);
  lease.renewed(4_000);
  t.true(lease.holds(5_800));
});

test('one that seems over is looked at once more, since it may have been renewed elsewhere', t => {
  const lease = new Lease(1_000);
  lease.renewed(0);
  let looks = 0;
  lease.look = () => {
    looks++;
    lease.renewed(2_000);
  };
  t.true(lease.holds(500));
  t.is(looks, 0);
  t.true(lease.holds(2_500));
  t.is(looks, 1);
});

test('what has ended is over for good; what is unbounded never is', t => {
  const lease = new Lease(1_000);
  lease.renewed(0);
  lease.look = () => lease.renewed(0);
  lease.end();
  t.false(lease.holds(1));
  const unbounded = new Lease(Infinity);
  t.true(unbounded.isUnbounded);
  t.true(unbounded.holds(1e15));
});
