import { startNode } from 'dfns';
import { parcel } from './parcel.ts';

/** `node.ts STORE TRANSPORT ADDRESS PORT`: one node of the cluster, until SIGTERM. */
const [store = '', transport = '', address = '', port = ''] = process.argv.slice(2);

const node = await startNode({
  workflows: [parcel],
  ...{ store, transport },
  cluster: { address, secret: 'known to these nodes alone' },
  http: { port: Number(port) },
  shards: 64,
  log: 'error',
});
process.once('SIGTERM', () => void node.stop());
// Whoever started it is gone.
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
