import type { Layer, Origin } from './settings.ts';

export interface Merged {
  readonly values: Readonly<Record<string, unknown>>;
  /** Of each option that is set, by path: `http.port`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** Options that have options of their own. */
const NESTED: ReadonlySet<string> = new Set(['http', 'metrics', 'cluster']);

/**
 * Options of several sources, the first that has one decides; of nested ones each by itself. All else is taken whole,
 * and as it is: an object in `deps` is the user's own.
 */
export function merge(layers: readonly Layer[]): Merged {
  const values: Record<string, unknown> = {};
  const origins = new Map<string, Origin>();
  for (const layer of layers) fill(values, layer.values, layer, '', origins);
  return { values, origins };
}

function fill(
  into: Record<string, unknown>,
  from: Readonly<Record<string, unknown>>,
  layer: Layer,
  prefix: string,
  origins: Map<string, Origin>,
): void {
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined) continue;
    const path = prefix + name;
    const there = into[name];
    if (NESTED.has(name) && prefix === '' && isPlain(value) && (there === undefined || isPlain(there))) {
      const inner: Record<string, unknown> = isPlain(there) ? there : {};
      into[name] = inner;
      fill(inner, value, layer, `${path}.`, origins);
      if (Object.keys(value).length === 0 && there === undefined) origins.set(path, layer.origin(path));
    } else if (there === undefined) {
      into[name] = value;
      origins.set(path, layer.origin(path));
    }
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
