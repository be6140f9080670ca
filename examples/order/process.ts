import { join } from 'node:path';
import { startNode } from 'dfns';
import { approval, order, setQuantity, status } from './order.ts';
import { Carrier, Gateway, Ledger } from './shop.ts';

/** `process.ts FOLDER N`: the N-th process of the demo. The first two end by SIGKILL, at the worst moment. */
const [folder = '', argument = ''] = process.argv.slice(2);
const life = Number(argument);

function say(what: string, text: string): void {
  console.log(`  ${what.padEnd(9)} ${text}`);
}

/** Not even this process knows that it ends now. */
async function die(why: string): Promise<void> {
  say('SIGKILL', why);
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
}

const node = await startNode({
  workflows: [order],
  store: `sqlite:${join(folder, 'orders.db')}`,
  deps: {
    ledger: new Ledger(folder, life),
    gateway: new Gateway(),
    carrier: new Carrier(folder, async () => {
      if (life === 2) await die('after the carrier took the parcel, before we heard of it');
    }),
  },
  log: 'warn',
});
const handle = node.client.get(order, 'order-17');

if (life === 1) {
  await node.client.start(order, { item: 'lamp', price: 49, quantity: 1 }, { id: handle.id });
  say('start', 'order-17: 1 × lamp at 49');
  say('query', JSON.stringify(await handle.query(status)));
  say('update', `quantity is now ${await handle.update(setQuantity, 3)}`);
  await die('while the order waits for a human');
}

if (life === 2) {
  const [waiting] = (await handle.describe()).waiting;
  say('found', `order-17, waiting for ${waiting?.kind} "${waiting?.name}"`);
  say('query', JSON.stringify(await handle.query(status)));
  await handle.signal(approval, { by: 'mia', ok: true });
  say('signal', 'approved by mia');
  const { stage } = await handle.waitFor(status, answer => answer.stage === 'cooling off');
  say('query', `the order is ${stage}: the gateway took the money at its third try`);
  const refused = await handle.update(setQuantity, 9).catch((error: Error) => error.message);
  say('update', `quantity 9 is refused: ${refused}`);
}

say('result', JSON.stringify(await handle.result()));
await node.stop();
