import test from 'ava';
import { openWire } from './open.ts';
import { realClock } from './nats/scene.test.support.ts';

const options = {
  cluster: 'c',
  clock: realClock,
  chance: { random: Math.random, uuid: () => '' },
  log: { write() {} },
};

test('what is no transport is refused with what is possible, and without the rest of the URL', async t => {
  for (const url of ['redis://u:hidden@h', 'hidden', '']) {
    const error = await t.throwsAsync(openWire(url, options), { code: 'VALIDATION', message: /"nats:\/\/.*"memory:"/ });
    if (url.includes('@')) t.notRegex(`${error?.stack}`, /hidden/);
  }
});

test('memory: is a wire to nobody', async t => {
  const wire = await openWire('memory:', options);
  await wire.open('a' as never, () => undefined);
  t.true(wire.connected && wire.broadcast(Uint8Array.of(1)));
  await wire.close();
});

test('a cluster whose name is no word of a subject, and files that are none, are refused', async t => {
  for (const cluster of ['', 'a.b', 'a b', '*', '>', 'a'.repeat(65)]) {
    await t.throwsAsync(openWire('nats://h', { ...options, cluster }), { code: 'VALIDATION', message: /cluster/ });
  }
  await t.throwsAsync(openWire('tls://h?ca=/absent', options), { code: 'VALIDATION', message: /\/absent/ });
  await t.throwsAsync(openWire(`nats://h?creds=${import.meta.filename}`, options), { code: 'VALIDATION' });
});
