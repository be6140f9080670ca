import test from 'ava';
import { workflow } from '@dfnsjs/actor-core';
import { fingerprint } from './fingerprint.ts';

const one = workflow({ name: 'one' }, () => 1);
const two = workflow({ name: 'two' }, () => 2);

test('the same workflows in any order are one build', t => {
  t.is(fingerprint([one, two]), fingerprint([two, one]));
  t.regex(fingerprint([]), /^[0-9a-f]{16}$/);
});

test('another name, version or function is another build', t => {
  const builds = [
    [one],
    [one, two],
    [workflow({ name: 'uno' }, () => 1)],
    [workflow({ name: 'one', version: 2 }, () => 1)],
    [workflow({ name: 'one' }, () => 3)],
  ].map(workflows => fingerprint(workflows));
  builds.push(fingerprint([one], [(_call, next) => next()]));
  t.is(new Set(builds).size, builds.length);
});
