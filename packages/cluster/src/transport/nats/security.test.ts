import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsOptions, type NatsServer, startNats } from '@dfnsjs/nats-server';
import test, { type ExecutionContext } from 'ava';
import { Scene } from './scene.test.support.ts';

async function start(t: ExecutionContext, options?: NatsOptions): Promise<{ server: NatsServer; scene: Scene }> {
  const server = await startNats(options);
  const scene = new Scene();
  t.teardown(async () => {
    await scene.close();
    await server.stop();
  });
  return { server, scene };
}

const PASSWORD = 'a p@ss,word:%';
const user = (password: string, permissions = ''): string =>
  `authorization { users: [ { user: "dfns", password: "${password}" ${permissions} } ] }`;
const may = (subjects: string): string => `, permissions: { publish: [${subjects}], subscribe: [${subjects}] }`;
const withUser = (url: string, password = PASSWORD): string =>
  url.replace('//', `//dfns:${encodeURIComponent(password)}@`);

test('the user and password of the URL are those that log in', async t => {
  const { server, scene } = await start(t, { settings: user(PASSWORD) });
  const a = await scene.station(withUser(server.url), 'a');
  t.true(a.wire.connected);
});

test('a token alone logs in', async t => {
  const { server, scene } = await start(t, { settings: 'authorization { token: "s3cret" }' });
  t.true((await scene.station(server.url.replace('//', '//s3cret@'), 'a')).wire.connected);
});

test('a wrong password ends the start, with what to do and without the password', async t => {
  const { server, scene } = await start(t, { settings: user(PASSWORD) });
  const wire = await scene.wire(withUser(server.url, 'wr0ng-one'));
  const error = await t.throwsAsync(
    wire.open('a' as never, () => undefined),
    {
      code: 'FORBIDDEN',
      message: /nats:\/\/dfns@127\.0\.0\.1:\d+ refuses this node .*correct user and password/,
    },
  );
  t.notRegex(`${error?.stack}${JSON.stringify(scene.lines)}`, /wr0ng-one/);
});

test('a password that becomes wrong later is said once, and tried until it is right', async t => {
  const { server, scene } = await start(t, { settings: user(PASSWORD) });
  const a = await scene.station(withUser(server.url), 'a');
  await server.kill();
  await server.restart(user('another'));
  await a.until(() => scene.said('error').length > 0);
  t.false(a.wire.connected);
  t.notRegex(JSON.stringify(scene.lines), /p@ss|p%40ss/);
  await server.reload(user(PASSWORD));
  await a.until(() => a.wire.connected);
  t.is(scene.said('error').length, 1);
});

test('a user with exactly the permissions that the documentation names can do all', async t => {
  const { server, scene } = await start(t, { settings: user(PASSWORD, may('"dfns.test.node.*", "dfns.test.all"')) });
  const [a, b] = [await scene.station(withUser(server.url), 'a'), await scene.station(withUser(server.url), 'b')];
  a.wire.send(b.self, Uint8Array.of(1));
  b.wire.broadcast(Uint8Array.of(2));
  await a.until(() => a.frames.length > 0 && b.frames.length > 0);
  t.deepEqual(scene.said('error'), []);
});

for (const [name, permissions, denied] of [
  [
    'subscribe',
    ', permissions: { publish: ">", subscribe: "dfns.test.all" }',
    /subscription of dfns\.test\.node\.a is/,
  ],
  ['publish', ', permissions: { publish: "dfns.test.node.*", subscribe: ">" }', /publish of dfns\.test\.all is/],
] as const) {
  test(`one that may not ${name} is told at the start what it lacks`, async t => {
    const { server, scene } = await start(t, { settings: user(PASSWORD, permissions) });
    const wire = await scene.wire(withUser(server.url));
    await t.throwsAsync(
      wire.open('a' as never, () => undefined),
      { code: 'FORBIDDEN', message: denied },
    );
  });
}

test('permissions that are taken away while it runs cut it off, and it comes back when they are given again', async t => {
  const all = may('"dfns.test.node.*", "dfns.test.all"');
  const { server, scene } = await start(t, { settings: user(PASSWORD, all) });
  const a = await scene.station(withUser(server.url), 'a');
  await server.reload(user(PASSWORD, may('"dfns.other.>"')));
  await a.until(() => !a.wire.connected && scene.said('error').length > 0);
  await server.reload(user(PASSWORD, all));
  await a.until(() => a.wire.connected);
  const b = await scene.station(withUser(server.url), 'b');
  b.wire.send(a.self, Uint8Array.of(1));
  await a.until(() => a.frames.length > 0);
  t.pass();
});

/** An authority, and a certificate of it for 127.0.0.1 and localhost. */
function certificates(t: ExecutionContext): Readonly<Record<'ca' | 'cert' | 'key', string>> {
  const folder = mkdtempSync(join(tmpdir(), 'dfns-tls-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test', '-days', '2');
  openssl('req', ...fresh, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=nats');
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  openssl(
    ...['x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-out', 'cert.pem', '-days', '2', '-extfile', 'names'],
  );
  return { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
}

test('with tls:// the server proves who it is, by address and by name', async t => {
  const { ca, cert, key } = certificates(t);
  const tls = `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${ca}", verify: true }`;
  const { server, scene } = await start(t, { settings: `${user(PASSWORD)}\n${tls}` });
  const query = `?ca=${encodeURIComponent(ca)}&cert=${encodeURIComponent(cert)}&key=${encodeURIComponent(key)}`;
  const secure = withUser(server.url).replace('nats:', 'tls:');
  const a = await scene.station(secure + query, 'a');
  const b = await scene.station(secure.replace('127.0.0.1', 'localhost') + query, 'b');
  t.deepEqual([a.wire.connected, b.wire.connected], [true, true]);
  a.wire.send(b.self, new Uint8Array(100_000));
  await b.until(() => b.frames.length > 0);
  // Unknown authority.
  t.false((await scene.station(secure, 'c')).wire.connected);
  // A name that the certificate has not.
  t.false((await scene.station(secure.replace('127.0.0.1', '127.0.0.2') + query, 'd')).wire.connected);
});

test('with tls:// a server that does not encrypt gets no password', async t => {
  const { server, scene } = await start(t, { settings: user(PASSWORD) });
  const a = await scene.station(withUser(server.url).replace('nats:', 'tls:'), 'a');
  t.false(a.wire.connected);
  t.is(scene.said('warn').length, 1);
});
