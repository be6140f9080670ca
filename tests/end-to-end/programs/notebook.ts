import { signal, startNode, workflow } from 'dfns';

const note = signal<'note', number>('note');
const end = signal('end');

const notebook = workflow({ name: 'notebook', signals: [note, end] }, async ctx => {
  const taken: number[] = [];
  for (;;) {
    const received = await ctx.waitForSignal([note, end]);
    if (received.signal === 'end') return taken;
    taken.push(received.payload);
  }
});

const [store, port] = process.argv.slice(2);
await startNode({ workflows: [notebook], store: store ?? 'memory:', http: { port: Number(port) }, log: 'error' });
