/** Functions of a module of Node that no replay can repeat, beside those that are global too. */
export interface GuardedModule {
  readonly module: string;
  readonly names: readonly string[];
  readonly instead: string;
}

const SLEEP = 'ctx.sleep';
const CHANCE = 'ctx.random()';

export const GUARDED_MODULES: readonly GuardedModule[] = [
  { module: 'crypto', names: ['randomUUID', 'randomUUIDv7'], instead: 'ctx.uuid()' },
  { module: 'crypto', names: ['randomBytes', 'randomInt', 'randomFill', 'randomFillSync'], instead: CHANCE },
  { module: 'timers', names: ['setTimeout', 'setInterval', 'setImmediate'], instead: SLEEP },
  { module: 'timers/promises', names: ['setTimeout', 'setInterval', 'setImmediate'], instead: SLEEP },
  { module: 'process', names: ['hrtime', 'uptime'], instead: 'ctx.now()' },
];

interface NodeProcess {
  getBuiltinModule?(id: string): object | undefined;
}

interface NodeModule {
  syncBuiltinESMExports?(): void;
}

/** A module of Node, without an import that other runtimes lack; undefined where there is none. */
export function builtin(module: string): Readonly<Record<string, unknown>> | undefined {
  // Asked for its modules alone, which an import would ask of every runtime.
  // oxlint-disable-next-line no-restricted-properties
  const { process } = globalThis as { readonly process?: NodeProcess };
  return process?.getBuiltinModule?.(`node:${module}`) as Readonly<Record<string, unknown>> | undefined;
}

/** What the modules have now is what `import { … }` of them gives, in modules that are loaded already too. */
export function renewImports(): void {
  (builtin('module') as NodeModule | undefined)?.syncBuiltinESMExports?.();
}
