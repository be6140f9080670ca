import test from 'ava';
import { parseNatsAddress } from './address.ts';

test('a URL says where NATS is and who asks', t => {
  t.deepEqual(parseNatsAddress('nats://a'), {
    servers: [{ hostname: 'a', port: 4222 }],
    tls: false,
    login: undefined,
    files: {},
    shown: 'nats://a:4222',
  });
  t.deepEqual(parseNatsAddress('tls://us%40er:p%2Css@a:1,b,[::1]:80?ca=/x%20y&cert=c&key=k&creds=d'), {
    servers: [
      { hostname: 'a', port: 1 },
      { hostname: 'b', port: 4222 },
      { hostname: '::1', port: 80 },
    ],
    tls: true,
    login: { user: 'us@er', pass: 'p,ss' },
    files: { ca: '/x y', cert: 'c', key: 'k', creds: 'd' },
    shown: 'tls://us%40er@a:1,b:4222,[::1]:80',
  });
  t.like(parseNatsAddress('nats://u:p@a,nats://u:p@b,nats://c'), { shown: 'nats://u@a:4222,b:4222,c:4222' });
  t.like(parseNatsAddress('nats://t0ken@a'), { login: { token: 't0ken' }, shown: 'nats://a:4222' });
});

for (const [what, url] of Object.entries({
  'no host': 'nats://',
  'an empty host in a list': 'nats://a,,b',
  'a path': 'nats://u:hidden@a/path',
  'a port that is none': 'nats://u:hidden@a:port',
  'a percent sign that escapes nothing': 'nats://u:hidden%@a',
  'another user for another host': 'nats://u:hidden@a,v:hidden@b',
  'another scheme in a list': 'nats://u:hidden@a,tls://b',
  'a parameter that is none': 'nats://u:hidden@a?password=hidden',
  'a file of TLS without TLS': 'nats://u:hidden@a?ca=hidden',
  'a certificate without its key': 'tls://u:hidden@a?cert=hidden',
})) {
  test(`${what} is refused, without what may be a password`, t => {
    const error = t.throws(() => parseNatsAddress(url), { code: 'VALIDATION' });
    t.notRegex(`${error?.stack}${String(error?.cause)}`, /hidden/);
  });
}
