/** Calls of ctx that give a durable promise: to be awaited, returned or given on. */
export const PROMISES: ReadonlySet<string> = new Set([
  'run',
  'step',
  'executeChild',
  'startChild',
  'sleep',
  'sleepUntil',
  'waitForSignal',
  'condition',
  'race',
  'gather',
  'map',
  'scope',
  'shielded',
  'saga',
  'withLimit',
  'write',
  'continueAsNew',
]);

/** Calls on what `ctx.execution(…)` gives. */
export const OTHER_EXECUTION: ReadonlySet<string> = new Set(['signal', 'cancel', 'result']);

/** Calls and properties that belong to the scope of their ctx: cancelled with it, undone with it. */
export const SCOPED: ReadonlySet<string> = new Set([
  ...[...PROMISES].filter(name => name !== 'continueAsNew'),
  'signals',
  'token',
  'compensate',
  'abortSignal',
]);

/** Where a ctx call hands a ctx of its own to a function: which argument, and which parameter of it the ctx is. */
export const HANDS_CTX: ReadonlyMap<string, { readonly argument: number; readonly parameter: number }> = new Map([
  ['scope', { argument: 0, parameter: 0 }],
  ['shielded', { argument: 0, parameter: 0 }],
  ['saga', { argument: 0, parameter: 0 }],
  ['compensate', { argument: 0, parameter: 0 }],
  // Its thunks stand in an object or array.
  ['race', { argument: 0, parameter: 0 }],
  ['gather', { argument: 0, parameter: 0 }],
  ['map', { argument: 1, parameter: 2 }],
  // The last argument, with a key or without.
  ['withLimit', { argument: -1, parameter: 0 }],
]);
