import test from 'ava';
import { compose, DfnsError } from '@dfnsjs/actor-core';
import { decode, encode } from '@dfnsjs/actor-core/values';
import type { StartBatchReply, StartBatchRequest } from '../operations/batch.ts';
import type { StartRequest } from '../operations/executions.ts';
import type { ClientMiddleware } from './call.ts';
import { startEach } from './start-each.ts';

const request = (n: number) =>
  ({ namespace: 'default', workflow: 'w', id: `id-${n}`, input: encode(n, '') }) as unknown as StartRequest;

/** Starts three under the layers; gives what was sent, one list a request, and the reply. */
async function startThree(
  layers: readonly ClientMiddleware[],
  answer: (request: StartRequest) => StartBatchReply['verdicts'][number] = ({ id }) => ({
    ok: true,
    started: { id: id!, runId: 'run', workflow: 'w', existing: false } as never,
  }),
) {
  const sent: unknown[][] = [];
  const reply = startEach(compose(layers)!, { items: [1, 2, 3].map(request) }, async ({ items }: StartBatchRequest) => {
    sent.push(items.map(({ input }) => decode(input)));
    return { verdicts: items.map(answer) };
  });
  return { sent, reply: await reply };
}

test('starts that come through the layers together go in one request, as the layers changed them', async t => {
  const { sent, reply } = await startThree([
    async (call, next) => {
      await Promise.resolve();
      return next({ ...call, input: (call.input as number) * 10 });
    },
  ]);
  t.deepEqual(sent, [[10, 20, 30]]);
  t.deepEqual(
    reply.verdicts.map(each => each.ok && each.started.id),
    ['id-1', 'id-2', 'id-3'],
  );
});

test('one that a layer holds up until another has started holds up nobody', async t => {
  const first = Promise.withResolvers<void>();
  const { sent } = await startThree([
    async (call, next) => {
      if (call.id === 'id-3') await first.promise;
      const started = await next();
      first.resolve();
      return started;
    },
  ]);
  t.deepEqual(sent, [[1, 2], [3]]);
});

test('what a layer throws refuses its start alone, and a layer sees a refusal as an error', async t => {
  const seen: unknown[] = [];
  const { reply } = await startThree(
    [
      async (call, next) => {
        if (call.id === 'id-1') throw new Error('not today');
        return next().catch((error: unknown) => {
          seen.push(error);
          throw error;
        });
      },
    ],
    ({ id }) =>
      id === 'id-2'
        ? { ok: false, error: { code: 'ALREADY_RUNNING', message: 'it runs' } }
        : { ok: true, started: { id: id!, runId: 'run' } as never },
  );
  t.deepEqual(
    reply.verdicts.map(each => (each.ok ? each.started.id : each.error.code)),
    ['INTERNAL', 'ALREADY_RUNNING', 'id-3'],
  );
  t.true(seen[0] instanceof DfnsError);
});

test('a request that fails is no verdict: whoever asked for all is told', async t => {
  const failed = new DfnsError('UNAVAILABLE', 'no way');
  const starting = startEach(compose([(_call, next) => next()])!, { items: [request(1)] }, () =>
    Promise.reject(failed),
  );
  t.is(await t.throwsAsync(starting), failed);
});
