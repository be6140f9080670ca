import { join } from 'node:path';
import { startNode, type ExecutionEvent } from 'dfns';
import { order } from './order.ts';
import { Carrier, Ledger } from './shop.ts';

/** Prints what the store, the ledger and the carrier know of the order. */
export async function report(folder: string): Promise<void> {
  const node = await startNode({ workflows: [order], store: `sqlite:${join(folder, 'orders.db')}`, log: 'warn' });
  const handle = node.client.get(order, 'order-17');
  const { status, startedAt } = await handle.describe();

  console.log(`\nThe store: the history of order-17, which is ${status}`);
  for await (const event of handle.history()) {
    const at = seconds(event.at, startedAt).padStart(6);
    console.log(
      `  turn ${String(event.turn).padStart(2)}  ${at} s  ${event.type.padEnd(16)} ${about(event, startedAt)}`,
    );
  }

  console.log('\nThe ledger: every task body that ever began');
  const starts = new Ledger(folder, 0).read();
  const keys = [...new Set(starts.map(({ key }) => key))];
  for (const { process, body, attempt, key } of starts) {
    console.log(
      `  process ${process}  ${body.padEnd(6)}  attempt ${attempt}  idempotency key ${'AB'[keys.indexOf(key)]}`,
    );
  }

  const parcels = new Carrier(folder, async () => undefined).parcels();
  console.log(`\nThe carrier: ${parcels.length} parcel sent (asked twice under one key)`);
  await node.stop();
}

function about({ name, value, error, until, attempt, status }: ExecutionEvent, startedAt: Date): string {
  const again = error ? 'again at' : 'until';
  const parts = [
    name,
    attempt === undefined ? undefined : `attempt ${attempt}`,
    error?.message,
    value === undefined ? undefined : JSON.stringify(value),
    until === undefined ? undefined : `${again} ${distance(until, startedAt)}`,
    status,
  ];
  return parts.filter(part => part !== undefined).join('  ');
}

function seconds(at: Date, from: Date): string {
  return ((at.getTime() - from.getTime()) / 1_000).toFixed(2);
}

function distance(at: Date, from: Date): string {
  const days = Math.floor((at.getTime() - from.getTime()) / 86_400_000);
  return days > 0 ? `day ${days}` : `${seconds(at, from)} s`;
}
