/**
 * Where the function `callee` was called from, as the engine's stack trace says it (`file:///app/order.ts:12:22`), or
 * undefined where it says nothing.
 */
export function callSite(callee: (...args: never[]) => unknown): string | undefined {
  const trace: { stack?: string } = {};
  // Not every engine has it; there the stack would have to be guessed at.
  if (typeof Error.captureStackTrace !== 'function') return undefined;
  Error.captureStackTrace(trace, callee);
  const frame = trace.stack?.split('\n').find(line => line.trimStart().startsWith('at '));
  return frame === undefined ? undefined : /\(?([^\s()]+:\d+:\d+)\)?$/.exec(frame)?.[1];
}
