const TYPES = [
  'ArrayBuffer',
  'DataView',
  'Uint8Array',
  'Int8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
] as const;

export interface Binary {
  readonly type: (typeof TYPES)[number];
  readonly bytes: Uint8Array;
}

/** The bytes of an ArrayBuffer or a view of one, and what it is; undefined for anything else. */
export function bytesOf(object: object): Binary | undefined {
  if (object instanceof ArrayBuffer) return { type: 'ArrayBuffer', bytes: new Uint8Array(object) };
  if (!ArrayBuffer.isView(object)) return undefined;
  const name = Object.prototype.toString.call(object).slice(8, -1);
  const type = TYPES.find(known => known === name);
  return type && { type, bytes: new Uint8Array(object.buffer, object.byteOffset, object.byteLength) };
}

/** undefined where there is no such type, the text is no base64, or the bytes do not fill its items. */
export function readBinary(type: Binary['type'], base64: unknown): ArrayBuffer | ArrayBufferView | undefined {
  if (!TYPES.includes(type) || typeof base64 !== 'string') return undefined;
  const buffer = bufferOf(base64);
  if (!buffer || type === 'ArrayBuffer') return buffer;
  const View: unknown = Reflect.get(globalThis, type);
  if (typeof View !== 'function') return undefined;
  const { BYTES_PER_ELEMENT: size = 1 } = View as { BYTES_PER_ELEMENT?: number };
  if (buffer.byteLength % size !== 0) return undefined;
  return Reflect.construct(View, [buffer]) as ArrayBufferView;
}

/** Characters that one call of fromCharCode takes. */
const CHUNK = 8_192;

export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

function bufferOf(base64: string): ArrayBuffer | undefined {
  let text: string;
  try {
    text = atob(base64);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}
