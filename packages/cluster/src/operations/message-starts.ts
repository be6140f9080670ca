import type { MessageId } from '@dfnsjs/actor-core/records';
import type { Operations } from '@dfnsjs/client';
import type { OperationContext } from './context.ts';
import { messageIdOf } from './idempotency.ts';
import { started, startOf } from './start-request.ts';

export function messageStartOperations(
  context: OperationContext,
): Pick<Operations, 'signalWithStart' | 'updateWithStart'> {
  const { router } = context;
  return {
    async signalWithStart(request) {
      const { namespace, signal } = request;
      const { id, declaration, engine } = await startOf(context, request, 'signal-with-start', signal);
      const payload = (await declaration?.message('signal', signal.name, signal.payload)) ?? signal.payload;
      const messageId = messageIdOf('signal-with-start', request) as MessageId;
      const message = { name: signal.name, payload, messageId };
      return started(await router.to(namespace, id).signalWithStart(engine, message));
    },

    async updateWithStart(request) {
      const { namespace, update, wait } = request;
      const accompanying = { name: update.name, payload: update.input };
      const { id, declaration, engine } = await startOf(context, request, 'update-with-start', accompanying);
      const payload = (await declaration?.message('update', update.name, update.input)) ?? update.input;
      const updateId = messageIdOf('update-with-start', request) as MessageId;
      const message = { name: update.name, payload, messageId: updateId };
      const { outcome, ...rest } = await router.to(namespace, id).updateWithStart(engine, message, wait);
      return { ...started(rest), updateId, ...(outcome === undefined ? {} : { result: outcome }) };
    },
  };
}
