import test from 'ava';
import { agoText, spanText } from './time-text.ts';

for (const [ms, text] of [
  [0, '0ms'],
  [999, '999ms'],
  [3_250, '3.2s'],
  [59_999, '59.9s'],
  [60_000, '1m'],
  [3_900_000, '1h 5m'],
  [90_061_000, '1d 1h'],
] as const) {
  test(`${ms} ms are ${text}`, t => t.is(spanText(ms), text));
}

test('a time is past or to come', t => {
  t.is(agoText(new Date(0), 3_900_000), '1h ago');
  t.is(agoText(new Date(5_000), 0), 'in 5.0s');
});
