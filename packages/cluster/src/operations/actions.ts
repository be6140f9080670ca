import { DfnsError } from '@dfnsjs/actor-core';
import { BOUNDS, type MessageId } from '@dfnsjs/actor-core/records';
import type { Operations } from '@dfnsjs/client';
import type { OperationContext } from './context.ts';
import { taken } from './messages.ts';

type ActionOperations = Pick<Operations, 'cancel' | 'terminate' | 'retry' | 'delete' | 'setAttributes'>;

export function actionOperations({ router, door }: OperationContext): ActionOperations {
  return {
    async cancel({ namespace, id, reason, messageId }) {
      const peer = router.to(namespace, id);
      return taken(messageId, await peer.cancel(namespace, id, checked(reason), messageId as MessageId));
    },

    async terminate({ namespace, id, reason, messageId }) {
      await router.to(namespace, id).terminate(namespace, id, checked(reason), messageId as MessageId);
    },

    async retry({ namespace, id, from }) {
      const { runId } = await router.to(namespace, id).retry(namespace, id, from);
      return { id, runId };
    },

    async delete({ namespace, id }) {
      await router.to(namespace, id).remove(namespace, id);
    },

    async setAttributes({ namespace, id, attributes, messageId }) {
      const changes = await door.attributes(namespace, id, attributes);
      const peer = router.to(namespace, id);
      return taken(messageId, await peer.amend(namespace, id, [...changes], messageId as MessageId));
    },
  };
}

/** A reason is a sentence: it stands in lists and in every description. */
function checked(reason: string | undefined): string | null {
  if (reason === undefined) return null;
  if (Buffer.byteLength(reason) <= BOUNDS.reasonBytes) return reason;
  throw new DfnsError(
    'LIMIT_EXCEEDED',
    `The reason is longer than ${BOUNDS.reasonBytes} bytes. Say it in a sentence.`,
    {
      details: { limitBytes: BOUNDS.reasonBytes },
    },
  );
}
