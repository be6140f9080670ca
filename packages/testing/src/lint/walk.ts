import type { SourceCode } from 'eslint';
import { isFunction, type Node } from './syntax.ts';

/** All nodes below and including `root`, in the order of the file; `into` says which functions are entered too. */
export function* nodesOf(
  { visitorKeys }: Pick<SourceCode, 'visitorKeys'>,
  root: Node,
  into: (fn: Node) => boolean = () => true,
): Iterable<Node> {
  const stack: Node[] = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (isFunction(node) && node !== root && !into(node)) continue;
    yield node;
    const children = (visitorKeys[node.type] ?? []).flatMap(
      key => (node as unknown as Record<string, Node | readonly (Node | null)[] | null>)[key] ?? [],
    );
    for (const child of children.toReversed()) if (child) stack.push(child);
  }
}
