import { createServer, type AddressInfo } from 'node:net';
import test from 'ava';
import { freePort } from './free-port.ts';

test('a port that somebody listens on is passed over', async t => {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  t.true((await freePort(port, '127.0.0.1')) > port);
});
