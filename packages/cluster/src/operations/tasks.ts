import { encodeError, type MessageId } from '@dfnsjs/actor-core/records';
import type { FailTaskRequest, Operations } from '@dfnsjs/client';
import type { OperationContext } from './context.ts';

export function taskOperations({
  router,
}: OperationContext): Pick<Operations, 'retryTaskNow' | 'completeTask' | 'failTask'> {
  return {
    async retryTaskNow({ namespace, id, command, messageId }) {
      const override = { command, action: 'retry-now', payload: null } as const;
      await router.to(namespace, id).overrideTask(namespace, id, override, messageId as MessageId);
    },

    async completeTask({ namespace, id, command, messageId, result }) {
      const override = { command, action: 'complete', payload: result } as const;
      await router.to(namespace, id).overrideTask(namespace, id, override, messageId as MessageId);
    },

    async failTask({ namespace, id, command, messageId, error }) {
      const override = { command, action: 'fail', payload: encodeError(errorOf(error)) } as const;
      await router.to(namespace, id).overrideTask(namespace, id, override, messageId as MessageId);
    },
  };
}

function errorOf({ message, name, details }: FailTaskRequest['error']): Error {
  const error = new Error(message);
  if (name !== undefined) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  // Where it was thrown is of this node, and of no use.
  error.stack = `${error.name}: ${message}`;
  return details === undefined ? error : Object.assign(error, { details });
}
