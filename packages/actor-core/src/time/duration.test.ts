import test from 'ava';
import { DfnsError } from '../errors/dfns-error.ts';
import { isoMillis, parseDuration, parseInstant } from './duration.ts';

for (const [written, ms] of [
  [0, 0],
  [1_500, 1_500],
  ['250ms', 250],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
] as const) {
  test(`${JSON.stringify(written)} is ${ms} ms`, t => t.is(parseDuration(written, 'delay'), ms));
}

for (const wrong of [
  -1,
  NaN,
  Infinity,
  '',
  's',
  '5 s',
  '-5s',
  '5 parsecs',
  '1e3s',
  '101y',
  '99999w',
  null,
  undefined,
]) {
  test(`${typeof wrong} "${String(wrong)}" is no duration`, t => {
    const error = t.throws(() => parseDuration(wrong, 'delay'), { instanceOf: DfnsError });
    t.is(error.code, 'VALIDATION');
    t.regex(error.message, /^delay must be a duration/);
  });
}

test('whoever wrote a number without its unit as text is not advised to do so', t => {
  t.throws(() => parseDuration('10', 'wait'), { message: /such as '500ms', '30s' or '1h', got "10"/ });
  t.throws(() => parseDuration(-1, 'delay'), { message: /such as 500, '30s' or '1h', got -1/ });
});

test('an instant is a date, milliseconds or an ISO string', t => {
  t.is(parseInstant(new Date(1_000), 'at'), 1_000);
  t.is(parseInstant(1_000, 'at'), 1_000);
  t.is(parseInstant('1970-01-01T00:00:01Z', 'at'), 1_000);
});

for (const [text, is] of [
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2000-02-29T23:59:59.5Z', '2000-02-29T23:59:59.500Z'],
  ['2026-12-31T10:00:00+02:00', '2026-12-31T08:00:00.000Z'],
  ['2026-12-31 10:00:00Z', '2026-12-31T10:00:00.000Z'],
  ['-000001-02-28T00:00:00Z', '-000001-02-28T00:00:00.000Z'],
  ['0004-02-29', '0004-02-29T00:00:00.000Z'],
] as const) {
  test(`${text} is a time`, t => t.is(new Date(isoMillis(text)).toISOString(), is));
}

for (const none of [
  '2026-02-31',
  '2023-02-29T10:00:00Z',
  '1900-02-29',
  '2026-04-31',
  '2026-00-10',
  '2026-13-01',
  '2026-01-00',
  '2026-01-01T25:00:00Z',
  '7',
  '1 Jan 2026',
  '',
]) {
  test(`"${none}" is no time`, t => t.is(isoMillis(none), NaN));
}

for (const wrong of ['soon', '2026-02-31', NaN, new Date(NaN), 9e15, null, true]) {
  test(`${String(wrong)} is no instant`, t => {
    const error = t.throws(() => parseInstant(wrong, 'at'), { instanceOf: DfnsError });
    t.is(error.code, 'VALIDATION');
  });
}
