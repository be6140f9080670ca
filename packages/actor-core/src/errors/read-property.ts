/** Reads a property of something that may throw at any touch; what throws counts as undefined. */
export function readProperty(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}
