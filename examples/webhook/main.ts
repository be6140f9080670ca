import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { startNode } from 'dfns';
import { purchase } from './purchase.ts';
import { receiver, signatureOf } from './receiver.ts';

/** node examples/webhook/main.ts: a provider that sends its events late, twice and at once, and somebody who forges one. */
const SECRET = 'shared with the provider';
const node = await startNode({ workflows: [purchase], store: 'memory:', log: 'error' });
const server = receiver(node.client, SECRET).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

async function deliver(event: { id: string; amount: number; type?: string }, secret = SECRET): Promise<void> {
  const body = JSON.stringify({ type: 'payment.succeeded', order: '17', price: 100, ...event });
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { 'x-signature': signatureOf(body, secret) },
    body,
  });
  console.log(`${event.id} ${String(event.amount).padStart(3)} €  ${status}`);
}

await deliver({ id: 'evt-1', amount: 60 });
await deliver({ id: 'evt-1', amount: 60 });
await deliver({ id: 'evt-9', amount: 100 }, 'a guess');
await deliver({ id: 'evt-2', amount: 20, type: 'payment.refunded' });
await Promise.all([1, 2, 3].map(() => deliver({ id: 'evt-3', amount: 60 })));

const { status, paid, payments } = await node.client.get(purchase, 'purchase-17').result();
await deliver({ id: 'evt-1', amount: 60 });
console.log(`purchase-17 ${status}: ${payments} payments of 8 deliveries, ${paid} €`);
server.close();
server.closeAllConnections();
await node.stop();
