/**
 * A value as plain JSON, as HTTP shows it: bigint as text, Date as ISO, Map as entries, Set as array, bytes as base64,
 * an error as its name, message and stack, a cycle as its reference. It never throws.
 */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(plain(value, [], '#'), undefined, indent) ?? 'null';
}

interface Seen {
  readonly value: object;
  readonly path: string;
}

function plain(value: unknown, above: readonly Seen[], path: string): unknown {
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'function':
    case 'symbol':
      return undefined;
    case 'object':
      return value === null ? null : plainObject(value, above, path);
    default:
      return value;
  }
}

function plainObject(value: object, above: readonly Seen[], path: string): unknown {
  const known = above.find(each => each.value === value);
  if (known) return { $ref: known.path };
  const inside = [...above, { value, path }];
  const each = (item: unknown, key: string | number) => plain(item, inside, `${path}/${key}`);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return value.href;
  if (value instanceof Map) return [...value].map(([key, item], i) => [each(key, i), each(item, i)]);
  if (value instanceof Set) return [...value].map(each);
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (Array.isArray(value)) return value.map(item => each(item, 'item') ?? null);
  if (value instanceof Error) {
    const { name, message, stack, cause, ...own } = value as Error & Record<string, unknown>;
    return compact({ name, message, ...own, stack, cause }, each);
  }
  return compact(value as Record<string, unknown>, each);
}

function compact(record: Record<string, unknown>, each: (item: unknown, key: string) => unknown) {
  const shown: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(record)) {
    const json = each(item, key);
    if (json !== undefined) shown[key] = json;
  }
  return shown;
}
