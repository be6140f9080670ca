import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startNode } from 'dfns';
import { createTestCluster, mockTask, verifyDurable } from 'dfns/testing';
import { paidSoFar, payment, purchase, ship } from './purchase.ts';
import { receiver, signatureOf } from './receiver.ts';

const event = (id: string, amount: number, type: 'payment.succeeded' | 'payment.refunded' = 'payment.succeeded') => ({
  id,
  amount,
  type,
  order: '17',
  price: 100,
});

/** A process with its node and receiver, on a store that outlives both. */
async function shop(t: ExecutionContext, store: string) {
  const node = await startNode({ workflows: [purchase], store, log: 'silent' });
  const server = receiver(node.client, 'secret').listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const post = async (body: string, signature = signatureOf(body, 'secret')) =>
    (await fetch(url, { method: 'POST', headers: { 'x-signature': signature }, body })).status;
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= (async () => {
      server.close();
      server.closeAllConnections();
      await node.stop();
    })());
  t.teardown(stop);
  return { handle: node.client.get(purchase, 'purchase-17'), post, stop };
}

test('an event counts once, however often it is sent, over a restart and after the end too', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'dfns-webhook-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const store = `sqlite:${join(folder, 'shop.db')}`;
  const half = JSON.stringify(event('evt-1', 50));
  const rest = JSON.stringify(event('evt-2', 50));

  const first = await shop(t, store);
  t.deepEqual(await Promise.all([1, 2, 3].map(() => first.post(half))), [202, 202, 202]);
  t.is(await first.handle.query(paidSoFar), 50);
  await first.stop();

  const second = await shop(t, store);
  t.is(await second.post(half), 202);
  t.is(await second.handle.query(paidSoFar), 50);
  t.is(await second.post(rest), 202);
  t.deepEqual(await second.handle.result(), { status: 'shipped', paid: 100, payments: 2 });
  t.deepEqual([await second.post(half), await second.post(JSON.stringify(event('evt-3', 9)))], [202, 202]);
  t.is((await second.handle.describe()).runs.length, 1);
  t.is((await second.handle.describe()).status, 'completed');
});

test('what the provider did not sign, or nobody understands, starts nothing', async t => {
  const { handle, post } = await shop(t, 'memory:');
  const body = JSON.stringify(event('evt-1', 50));
  t.is(await post(body, signatureOf(body, 'a guess')), 401);
  t.is(await post(body, ''), 401);
  t.is(await post('{"type":"payment.pondered"}'), 400);
  t.is(await post('not JSON'), 400);
  t.is(await post(' '.repeat(100_000)), 413);
  await t.throwsAsync(handle.describe(), { code: 'NOT_FOUND' });
});

test('a purchase that is not paid in full in 14 days is given up, and says what it has', async t => {
  const shipping = mockTask(ship).returns('parcel');
  const cluster = await createTestCluster({ workflows: [purchase], mocks: [shipping] });
  const handle = await cluster.client.start(purchase, { order: '17', price: 100 });
  await handle.signal(payment, event('evt-1', 60));
  await handle.signal(payment, event('evt-2', 20, 'payment.refunded'));
  t.is(await handle.query(paidSoFar), 40);
  t.deepEqual(await handle.result(), { status: 'unpaid', paid: 40, payments: 2 });
  t.is(cluster.now, Date.UTC(2026, 0, 15));
  t.is(shipping.calls.length, 0);
  await cluster.stop();
});

test('it comes to the same wherever it is lost', async t => {
  const signals = ['evt-1', 'evt-2'].map(id => ({ signal: payment, payload: event(id, 50), after: '1d' as const }));
  t.like(await verifyDurable(purchase, { order: '17', price: 100 }, { signals }), { status: 'shipped', payments: 2 });
});
