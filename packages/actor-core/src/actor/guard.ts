import { builtin, GUARDED_MODULES, renewImports } from './guarded-modules.ts';
import { running } from './running.ts';

type Callable = (...args: unknown[]) => unknown;

/** What is to be undone when nobody guards any more. */
type Undo = () => void;

let guards = 0;
let undo: Undo[] = [];
let exempt = 0;

/**
 * Makes calls of the process's clock, chance, timers and `fetch` known to the workflow whose code makes them, which
 * warns or throws; what it imports by name from modules of Node too. Copies that were made before (`const now =
 * Date.now`) are not seen: the lint finds those. Code outside a turn (task bodies, the rest of the process) is left
 * alone, at the price of one look. Nothing is replaced before the first call; the function that it returns undoes it
 * with the last.
 */
export function guard(): () => void {
  if (guards++ === 0) install();
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    if (--guards > 0) return;
    for (const each of undo.toReversed()) each();
    undo = [];
    renewImports();
  };
}

/** Runs what a turn calls but workflow code did not write, such as a logger. */
export function unguarded<T>(run: () => T): T {
  exempt++;
  try {
    return run();
  } finally {
    exempt--;
  }
}

/** Tells the workflow whose code is running; true: one is. */
function check(call: string, instead: string): boolean {
  const code = running();
  if (code === null || exempt > 0 || guards === 0) return false;
  code.impure({ call, instead });
  return true;
}

const SLEEP = 'ctx.sleep';
const NOW = 'ctx.now()';

function install(): void {
  const all = globalThis as unknown as Record<string, unknown>;
  guardDate();
  wrap(Math, 'random', 'Math.random()', 'ctx.random()');
  wrap(all, 'setTimeout', 'setTimeout()', SLEEP);
  wrap(all, 'setInterval', 'setInterval()', SLEEP);
  wrap(all, 'setImmediate', 'setImmediate()', SLEEP);
  wrap(all, 'fetch', 'fetch()', 'ctx.step or a task');
  wrap(all['performance'], 'now', 'performance.now()', NOW);
  wrap(all['crypto'], 'randomUUID', 'crypto.randomUUID()', 'ctx.uuid()');
  wrap(all['crypto'], 'getRandomValues', 'crypto.getRandomValues()', 'ctx.random()');
  const clock = (all['Temporal'] as { readonly Now?: object } | undefined)?.Now;
  for (const name of clock ? Object.getOwnPropertyNames(clock) : []) {
    if (name !== 'timeZoneId') wrap(clock, name, `Temporal.Now.${name}()`, NOW);
  }
  for (const { module, names, instead } of GUARDED_MODULES) {
    for (const name of names) wrap(builtin(module), name, `${name}() of node:${module}`, instead);
  }
  wrap(builtin('process')?.['hrtime'], 'bigint', 'hrtime.bigint() of node:process', NOW);
  const scheduler = builtin('timers/promises')?.['scheduler'];
  for (const name of ['wait', 'yield']) wrap(scheduler, name, `scheduler.${name}() of node:timers/promises`, SLEEP);
  renewImports();
}

/** Puts a function in front of a method: properties of the method, as of `util.promisify`, stay with it. */
function wrap(holder: unknown, name: string, call: string, instead: string): void {
  if (!holder) return;
  const original = (holder as Readonly<Record<string, unknown>>)[name];
  if (typeof original !== 'function') return;
  const inFront = function (this: unknown, ...args: unknown[]): unknown {
    if (!check(call, instead)) return Reflect.apply(original as Callable, this, args);
    // What it calls itself is not the workflow's doing.
    return unguarded<unknown>(() => Reflect.apply(original as Callable, this, args));
  };
  Object.defineProperties(inFront, Object.getOwnPropertyDescriptors(original));
  put(holder, name, inFront);
}

/** `Date.now()`, `new Date()` and `Date()`; dates made of something are as pure as that. */
function guardDate(): void {
  const Original = Date;
  wrap(Original, 'now', 'Date.now()', NOW);
  const InFront = function (...args: [number] | []): unknown {
    if (!new.target) {
      check('Date()', NOW);
      return Reflect.apply(Original as unknown as Callable, undefined, args);
    }
    if (args.length === 0) check('new Date()', NOW);
    return Reflect.construct(Original, args, new.target === InFront ? Original : new.target);
  } as unknown as DateConstructor;
  // The same prototype: a date is an instance of both, whoever made it.
  Object.defineProperties(InFront, Object.getOwnPropertyDescriptors(Original));
  put(globalThis, 'Date', InFront);
  put(Original.prototype, 'constructor', InFront);
}

/** A replacement that undoes itself, unless somebody put another one over it. */
function put(holder: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: before?.enumerable ?? true,
  });
  undo.push(() => {
    if ((holder as Record<string, unknown>)[name] !== value) return;
    if (before) Object.defineProperty(holder, name, before);
    else Reflect.deleteProperty(holder, name);
  });
}
