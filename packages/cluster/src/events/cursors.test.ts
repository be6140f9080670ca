import test from 'ava';
import { Cursors } from './cursors.ts';

const places = (...entries: [string, number][]) => new Map(entries);

test('a cursor is read by whoever has the secret, for what it was asked', t => {
  const [here, there] = [new Cursors('s'), new Cursors('s')];
  for (const place of [1, 35, 36, 2 ** 40]) {
    const all = places(['0a1b2c3d4e5f', place], ['ffffffffffff', 7]);
    t.deepEqual(there.read(here.write(all, 'asked'), 'asked'), all);
  }
  t.deepEqual(there.read(here.write(places(), 'asked'), 'asked'), places());
});

test('a cursor of another namespace or filter, a changed one and a made-up one are refused', t => {
  const cursors = new Cursors('s');
  const cursor = cursors.write(places(['abc', 71]), 'asked');
  const [name, place, mark] = cursor.split('.');
  const refused = [
    '',
    'x',
    `${name}.${place}`,
    `${name}.abc-20.${mark}`,
    `${name}.abc-20.${place}.${mark}`,
    `${name}.${mark}`,
    `${name}.${place}.${'A'.repeat(22)}`,
    `${cursor}A`,
    `${name}${'.a-1'.repeat(4_000)}.${mark}`,
  ];
  for (const wrong of refused) t.throws(() => cursors.read(wrong, 'asked'), { code: 'VALIDATION' }, wrong);
  t.throws(() => cursors.read(cursor, 'else'), { code: 'VALIDATION' });
});

test('a cursor under another secret is no place, whatever it was asked', t => {
  t.is(new Cursors('b').read(new Cursors('a').write(places(['abc', 1]), 'asked'), 'asked'), undefined);
});
