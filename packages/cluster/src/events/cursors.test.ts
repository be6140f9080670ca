import test from 'ava';
import { Cursors } from './cursors.ts';

function cursors(seed: string) {
  let made = 0;
  return new Cursors({ uuid: () => `${seed}0000000-0000-4000-8000-00000000000${made++}` });
}

test('a cursor is read by the feed that wrote it, for what it was asked', t => {
  const feed = cursors('a');
  for (const place of [1, 35, 36, 2 ** 40]) t.is(feed.read(feed.write(place, 'asked'), 'asked'), place);
});

test('a cursor of another namespace or filter, a changed one and a made-up one are refused', t => {
  const feed = cursors('a');
  const cursor = feed.write(71, 'asked');
  const [name, place, mark] = cursor.split('.');
  const refused = [
    '',
    'x',
    `${name}.${place}`,
    `${name}.20.${mark}`,
    `${name}.${place}.${'A'.repeat(22)}`,
    `${cursor}A`,
  ];
  for (const wrong of refused) t.throws(() => feed.read(wrong, 'asked'), { code: 'VALIDATION' }, wrong);
  t.throws(() => feed.read(cursor, 'else'), { code: 'VALIDATION' });
});

test('a cursor of another start of the node is no place, whatever it was asked', t => {
  const [before, after] = [cursors('a'), cursors('b')];
  t.is(after.read(before.write(1, 'asked'), 'asked'), undefined);
});
