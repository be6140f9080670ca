import type { Held, MessageId } from '@dfnsjs/actor-core/records';
import type { Operations, TakenReply } from '@dfnsjs/client';
import type { OperationContext } from './context.ts';
import { whileUnavailable } from './patience.ts';

type MessageOperations = Pick<Operations, 'signal' | 'query' | 'update' | 'startUpdate' | 'updateOutcome'>;

export function messageOperations({ router, door, persistence }: OperationContext): MessageOperations {
  return {
    async signal({ namespace, id, name, payload, messageId, traceparent }) {
      const parsed = await door.message('signal', namespace, id, name, payload);
      const peer = router.to(namespace, id);
      return taken(messageId, await peer.signal(namespace, id, name, parsed, messageId as MessageId, traceparent));
    },

    async query({ namespace, id, name, payload, atTurn }) {
      const parsed = await door.message('query', namespace, id, name, payload);
      return router.to(namespace, id).query(namespace, id, name, parsed, atTurn);
    },

    async update({ namespace, id, name, payload, messageId }) {
      const parsed = await door.message('update', namespace, id, name, payload);
      return router.to(namespace, id).update(namespace, id, name, parsed, messageId as MessageId);
    },

    async startUpdate({ namespace, id, name, payload, messageId }) {
      const parsed = await door.message('update', namespace, id, name, payload);
      await router.to(namespace, id).startUpdate(namespace, id, name, parsed, messageId as MessageId);
      return { updateId: messageId };
    },

    updateOutcome({ namespace, id, updateId }, options) {
      const abort = options?.abortSignal;
      return whileUnavailable(
        persistence,
        () => router.to(namespace, id).updateOutcome(namespace, id, updateId as MessageId, abort),
        abort,
      );
    },
  };
}

/** A message that is durable, and why its execution is held, if it is. */
export function taken(messageId: string, held: Held | undefined): TakenReply {
  return held ? { messageId, held: { code: held.code, message: held.message } } : { messageId };
}
