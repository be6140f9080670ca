import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { startNode } from 'dfns';
import { expense } from './expense.ts';
import { servePage } from './page.ts';

/**
 * node examples/approval/main.ts: two expenses, one decided on the page and one by a plain HTTP request.
 * With `--stay` nobody decides but you.
 */
const stay = process.argv.includes('--stay');
const node = await startNode({ workflows: [expense], store: 'memory:', http: { port: 0 }, log: 'error' });
const page = servePage(node.client).listen(0, '127.0.0.1');
await once(page, 'listening');
const pageUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`;

const lamp = await node.client.start(expense, { who: 'Ada', what: 'a lamp', amount: 49 }, { id: 'expense-1' });
const desk = await node.client.start(expense, { who: 'Bo', what: 'a desk', amount: 900 }, { id: 'expense-2' });
const signalUrl = `${node.url}/v1/executions/${desk.id}/signals/decision`;
console.log(`They wait on ${pageUrl}, or for a request of any language:`);
console.log(`  curl ${signalUrl} -H 'content-type: application/json' -d '{"by":"mia","ok":false}'`);

if (!stay) {
  await fetch(pageUrl, { method: 'POST', body: new URLSearchParams({ id: lamp.id, by: 'mia', ok: 'yes' }) });
  const headers = { 'content-type': 'application/json' };
  const wrong = await fetch(signalUrl, { method: 'POST', headers, body: '{"by":"mia","ok":"perhaps"}' });
  console.log(`"perhaps" is no decision: ${wrong.status}`);
  const right = await fetch(signalUrl, { method: 'POST', headers, body: '{"by":"mia","ok":false}' });
  console.log(`"no" is one: ${right.status}`);
}

const outcomes = await Promise.all([lamp, desk].map(async handle => ({ id: handle.id, ...(await handle.result()) })));
console.log(outcomes.map(({ id, status, by }) => `${id} ${status} by ${by}`).join(', '));
page.close();
page.closeAllConnections();
await node.stop();
