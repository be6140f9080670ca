import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import test from 'ava';

/** Runs `dfns list` and tells which files and parts of Node it loaded. */
const LISTING = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({
    load(url, context, next) {
      loaded.push(url);
      return next(url, context);
    },
  });
  process.on('exit', () => console.error(JSON.stringify([...loaded, ...process.moduleLoadList])));
  process.argv.push('dfns', 'list', '--json', '--url', process.env.NODE_URL);
  const { main } = await import(process.env.MAIN_URL);
  await main();
`;

test('a verb that asks a node loads no schemas, no fetch, and nothing of a server', async t => {
  const server = createServer((_, response) => response.end('{"items":[],"hasMore":false}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const extension = import.meta.filename.slice(-3);
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', LISTING], {
    env: {
      ...process.env,
      NODE_URL: `http://127.0.0.1:${port}`,
      MAIN_URL: import.meta.resolve(`./main${extension}`),
    },
  });
  const loaded = JSON.parse(stderr) as string[];
  t.true(loaded.some(each => /client\/(dist|src)\/http\/fetch-operations/.test(each)));
  const heavy = /node_modules\/(zod|fastify)|actor-core\/(dist|src)\/engine|undici\/undici/;
  t.deepEqual(
    loaded.filter(each => heavy.test(each)),
    [],
  );
});
