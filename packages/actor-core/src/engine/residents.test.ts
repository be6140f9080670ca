import test from 'ava';
import type { Eid, ShardId } from '../ids/ids.ts';
import { newResident, Residents } from './residents.ts';

const eid = (n: number) => n as Eid;
const given = (id: string, n: number) => Object.assign(newResident('default', id, 0 as ShardId), { eid: eid(n) });

test('who is in memory is found by address and by the number of the newest run, until it leaves', t => {
  const residents = new Residents();
  const one = given('one', 1);
  residents.put(one);
  residents.put(one);
  t.is(residents.size, 1);
  t.is(residents.at('default', 'one'), one);
  t.is(residents.byEid(eid(1)), one);
  t.is(residents.at('other', 'one'), undefined);
  residents.renumber(one, eid(2));
  t.is(residents.byEid(eid(1)), undefined);
  t.is(residents.byEid(eid(2)), one);
  residents.remove(one);
  t.deepEqual([residents.size, residents.has(one), residents.byEid(eid(2))], [0, false, undefined]);
});

test('one that gave way takes neither address nor number of the other with it', t => {
  const residents = new Residents();
  const [before, after] = [given('one', 1), given('one', 1)];
  residents.put(before);
  residents.put(after);
  residents.remove(before);
  t.is(residents.at('default', 'one'), after);
  t.is(residents.byEid(eid(1)), after);
  t.is(residents.size, 1);
});

test('a reading is stale where its run was in memory meanwhile, though it is not any more', t => {
  const residents = new Residents();
  const look = residents.look([1 as Eid, 2 as Eid]);
  const resident = newResident('default', 'a', 0 as ShardId);
  resident.eid = 1 as Eid;
  residents.put(resident);
  residents.remove(resident);
  t.true(look.isStale(1 as Eid));
  t.false(look.isStale(2 as Eid));
  look.end();
  resident.eid = 2 as Eid;
  residents.put(resident);
  t.false(look.isStale(2 as Eid), 'after its end it hears nothing');
  t.true(residents.look([2 as Eid]).isStale(2 as Eid), 'what is in memory already');
});

test('a run that continues as another is read anew under its number too', t => {
  const residents = new Residents();
  const resident = newResident('default', 'a', 0 as ShardId);
  resident.eid = 1 as Eid;
  residents.put(resident);
  const look = residents.look([5 as Eid]);
  residents.renumber(resident, 5 as Eid);
  t.true(look.isStale(5 as Eid));
});
