import type { AnyWorkflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

/**
 * Registers each behaviour twice: with the actor kept in memory, and with it read back from its journal before every
 * message. Either way all stored histories are replayed at the end and must ask for the same commands.
 */
export function bothWays<T>(register: (title: string, run: (t: T) => Promise<void>) => void) {
  return (title: string, workflows: () => readonly AnyWorkflow[], run: (t: T, node: FakeNode) => Promise<void>) => {
    for (const readsBack of [false, true]) {
      register(`${title}${readsBack ? ' (read back)' : ''}`, async t => {
        const node = new FakeNode(workflows());
        node.readsBack = readsBack;
        await run(t, node);
        await node.settle();
        await node.replayAll();
      });
    }
  };
}
