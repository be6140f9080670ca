import { startNode } from 'dfns';
import { entity } from './entity.ts';

/** `node.ts STORE TRANSPORT ADDRESS PORT`: one node of the cluster, until SIGTERM. */
const [store = '', transport = '', address = '', port = ''] = process.argv.slice(2);

const node = await startNode({
  workflows: [entity],
  ...{ store, transport, shards: 32, log: 'error' },
  cluster: { address, secret: 'known to these nodes alone' },
  http: { port: Number(port) },
});
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)));
// Whoever started it is gone.
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
