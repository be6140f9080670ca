import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { startNode } from 'dfns';
import { createTestCluster, mockTask, verifyDurable } from 'dfns/testing';
import { decision, expense, pay, remind, stage } from './expense.ts';
import { servePage } from './page.ts';

const lamp = { who: 'Ada', what: 'a lamp', amount: 49 };

test('what is approved is paid, once', async t => {
  const paying = mockTask(pay).failsOnce('503').returns({ payment: 'p1', who: 'Ada', amount: 49 });
  const cluster = await createTestCluster({ workflows: [expense], mocks: [paying] });
  const handle = await cluster.client.start(expense, lamp);
  t.is(await handle.query(stage), 'waiting');
  await handle.signal(decision, { by: 'mia', ok: true });
  t.deepEqual(await handle.result(), { status: 'paid', by: 'mia' });
  t.is(new Set(paying.calls.map(({ idempotencyKey }) => idempotencyKey)).size, 1);
  await cluster.stop();
});

test('who does not answer is reminded after two days, and a week without an answer is an answer', async t => {
  const reminding = mockTask(remind).returns();
  const cluster = await createTestCluster({ workflows: [expense], mocks: [reminding] });
  const late = await cluster.client.start(expense, lamp);
  const never = await cluster.client.start(expense, lamp);
  await cluster.sleep('3d');
  t.is(await late.query(stage), 'reminded');
  t.is(reminding.calls.length, 2);
  await late.signal(decision, { by: 'mia', ok: false });
  t.deepEqual(await late.result(), { status: 'declined', by: 'mia' });
  await cluster.sleep('4d');
  t.deepEqual(await never.result(), { status: 'expired' });
  await cluster.stop();
});

test('it comes to the same wherever it is lost', async t => {
  const signals = [{ signal: decision, payload: { by: 'mia', ok: true }, after: '3d' as const }];
  t.deepEqual(await verifyDurable(expense, lamp, { signals, mocks: [mockTask(remind).returns()] }), {
    status: 'paid',
    by: 'mia',
  });
});

test('the page lists what waits, harmless whatever it says, and sends what was pressed', async t => {
  const node = await startNode({ workflows: [expense], log: 'silent' });
  const server = servePage(node.client).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  t.teardown(async () => {
    server.close();
    server.closeAllConnections();
    await node.stop();
  });
  const press = (fields: Record<string, string>) =>
    fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

  const what = '<script>alert("lamp")</script>';
  const handle = await node.client.start(expense, { ...lamp, what }, { id: 'expense-1' });
  const shown = await (await fetch(url)).text();
  t.regex(shown, /Ada: &lt;script&gt;alert\(&quot;lamp&quot;\)/);
  t.false(shown.includes('<script>'));
  t.is((await press({ id: 'expense-1', ok: 'yes' })).status, 400);
  t.is((await press({ id: 'expense-1', by: 'mia', ok: 'yes' })).status, 303);
  t.deepEqual(await handle.result(), { status: 'paid', by: 'mia' });
  t.is((await press({ id: 'expense-1', by: 'bo', ok: 'no' })).status, 409);
  t.regex(await (await fetch(url)).text(), /Nothing waits for you/);
});
