import type * as ES from 'estree';

export type Node = ES.Node;
export type FunctionNode = ES.FunctionDeclaration | ES.FunctionExpression | ES.ArrowFunctionExpression;

/** Parsers set it on every node; the types of plain ESTree do not know of it. */
export function parentOf(node: Node): Node | undefined {
  return (node as { parent?: Node }).parent;
}

export function isFunction(node: Node | null | undefined): node is FunctionNode {
  return (
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression' ||
    node?.type === 'ArrowFunctionExpression'
  );
}

/** The expression behind `x!`, `x as T`, `x satisfies T` and `x?.y`. */
export function bare(node: Node): Node {
  const type: string = node.type;
  const wraps = ['TSNonNullExpression', 'TSAsExpression', 'TSSatisfiesExpression', 'ChainExpression'].includes(type);
  return wraps ? bare((node as unknown as { expression: Node }).expression) : node;
}

/** The name of a member that is written out: `x.name`, `x['name']`. */
export function propertyOf(node: ES.MemberExpression): string | undefined {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined;
  return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined;
}

/** The member that `node` is taken apart by: of `Date` in `Date.now()` it is `Date.now`. */
export function memberOn(node: Node): ES.MemberExpression | undefined {
  const parent = parentOf(node);
  return parent?.type === 'MemberExpression' && parent.object === node ? parent : undefined;
}

/** The call whose callee `node` is. */
export function callOf(node: Node): ES.SimpleCallExpression | undefined {
  const parent = parentOf(node);
  return parent?.type === 'CallExpression' && parent.callee === node ? parent : undefined;
}

/** The innermost function that `node` stands in. */
export function functionAround(node: Node): FunctionNode | undefined {
  for (let at = parentOf(node); at; at = parentOf(at)) if (isFunction(at)) return at;
  return undefined;
}

/** A parameter's identifier, its default and type aside. */
export function parameterName(parameter: Node | undefined): ES.Identifier | undefined {
  if (parameter?.type === 'AssignmentPattern') return parameterName(parameter.left);
  return parameter?.type === 'Identifier' ? parameter : undefined;
}
