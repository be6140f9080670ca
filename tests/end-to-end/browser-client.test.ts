import test from 'ava';
import { startNode, workflow } from 'dfns';
import { Child } from './child.ts';

const echo = workflow({ name: 'echo' }, (_, value: unknown) => value);
const fails = workflow({ name: 'fails' }, (ctx, n: number) =>
  ctx.step(
    'fails',
    () => {
      throw new Error(`no € for ${n}`);
    },
    { retry: { maxAttempts: 1 } },
  ),
);

test('the client runs where there is nothing of Node, and values come back whole', async t => {
  const node = await startNode({ workflows: [echo, fails], log: 'silent', namespace: 'ä', http: { port: 0 } });
  t.teardown(() => node.stop());
  const page = new Child(t, 'browser-client.ts', node.url!);
  const [code] = (await page.ended) as [number | null];
  t.is(code, 0, page.errors);
});
