import { DfnsError, type Around } from '@dfnsjs/actor-core';
import type { StartBatchReply, StartBatchRequest, StartVerdict } from '../operations/batch.ts';
import type { StartRequest } from '../operations/executions.ts';
import { readVerdict } from '../start-verdict.ts';
import type { ClientCall } from './call.ts';
import { surround } from './surround.ts';

interface Waiting {
  readonly request: StartRequest;
  readonly verdict: PromiseWithResolvers<StartVerdict | undefined>;
}

/**
 * Many starts, each a call of its own to the layers. Those that come through in the same moment go in one request; one
 * that a layer holds up does not hold up the others.
 */
export async function startEach(
  around: Around<ClientCall>,
  { items }: StartBatchRequest,
  send: (request: StartBatchRequest) => Promise<StartBatchReply>,
): Promise<StartBatchReply> {
  let waiting: Waiting[] = [];
  const failures = new Set<unknown>();

  const sendWaiting = async () => {
    const sent = waiting;
    waiting = [];
    try {
      const { verdicts } = await send({ items: sent.map(({ request }) => request) });
      for (const [i, { verdict }] of sent.entries()) verdict.resolve(verdicts[i]);
    } catch (error) {
      // It is no verdict on any of them: whoever asked for all of them is told.
      failures.add(error);
      for (const { verdict } of sent) verdict.reject(error);
    }
  };
  const start = async (request: StartRequest) => {
    const verdict = Promise.withResolvers<StartVerdict | undefined>();
    if (waiting.push({ request, verdict }) === 1) queueMicrotask(() => void sendWaiting());
    const started = readVerdict(await verdict.promise);
    if (started instanceof DfnsError) throw started;
    return started;
  };

  const verdicts = items.map(async (item): Promise<StartVerdict> => {
    try {
      return { ok: true, started: (await surround(around, 'start', item, start)) as never };
    } catch (error) {
      if (failures.has(error)) throw error;
      return { ok: false, error: refusal(error) };
    }
  });
  return { verdicts: await Promise.all(verdicts) };
}

/** What a layer throws refuses this start, and no other. */
function refusal(error: unknown): Extract<StartVerdict, { ok: false }>['error'] {
  if (error instanceof DfnsError) return { code: error.code, message: error.message, details: error.details };
  return { code: 'INTERNAL', message: `Middleware around start failed: ${String(error)}` };
}
