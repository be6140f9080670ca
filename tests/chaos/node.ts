import { startNode } from 'dfns';
import { WORKFLOWS } from './workflows/index.ts';

/** `node.ts STORE TRANSPORT ADDRESS PORT`: one node of the cluster, until SIGTERM. */
const [store = '', transport = '', address = '', port = ''] = process.argv.slice(2);

const node = await startNode({
  workflows: WORKFLOWS,
  ...{ store, transport, shards: 32, mailbox: 100_000, log: 'error' },
  cluster: { address, secret: 'known to these nodes alone' },
  deps: { place: address },
  http: { port: Number(port) },
});
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)));
// Whoever started it is gone.
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
