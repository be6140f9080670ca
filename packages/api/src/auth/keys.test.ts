import test from 'ava';
import { KeyRing, parseApiKeys } from './keys.ts';

test('keys come as text, as a list, or as objects', t => {
  const keys = [
    { role: 'app', namespace: 'shop', key: 'a=b' },
    { role: 'reader', key: 'k' },
  ];
  t.deepEqual(parseApiKeys('app@shop=a=b, reader=k,'), keys);
  t.deepEqual(parseApiKeys(['app@shop=a=b', { role: 'reader', key: 'k' }]), keys);
  t.deepEqual(parseApiKeys(undefined), []);
});

test('a wrong key is refused without being repeated', t => {
  for (const text of ['secret', 'boss=secret', 'app=', 'app@=secret', 'app=sec ret', [5], 5, [{ role: 'app' }]]) {
    const { message } = t.throws(() => parseApiKeys(text), { code: 'VALIDATION' });
    t.notRegex(message, /secret|sec ret/);
  }
  t.throws(() => parseApiKeys([{ role: 'app', key: 'k', expires: 1 }]), { message: /Did you mean "expiresAt"\?/ });
});

test('a key is found until it expires; two may be good at once', t => {
  const ring = new KeyRing(parseApiKeys([{ role: 'app', key: 'old', expiresAt: 1_000 }, 'app=new']));
  t.is(ring.find('old', 999)?.role, 'app');
  t.is(ring.find('old', 1_000), undefined);
  t.is(ring.find('new', 1_000)?.role, 'app');
  t.is(ring.find('NEW', 0), undefined);
  t.is(ring.find('', 0), undefined);
});

test('one key for two roles is refused', t => {
  t.throws(() => new KeyRing(parseApiKeys('app=k,admin=k')), { message: /same key/ });
});
