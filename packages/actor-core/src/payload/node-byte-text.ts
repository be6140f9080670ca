import type { ByteText } from './byte-text.ts';

/** Not imported, so that what runs elsewhere needs nothing in its place. */
const { Buffer: NodeBuffer } = globalThis as { readonly Buffer?: BufferConstructor };

/** By Node's Buffer; undefined where there is none. */
export const nodeByteText: ByteText | undefined = NodeBuffer && {
  allocate: size => NodeBuffer.allocUnsafeSlow(size),
  view: bufferOf,
  utf8: (view, at, end) => (view as Buffer).toString('utf8', at, end),
  utf16: (view, at, end) => (view as Buffer).toString('utf16le', at, end),
  utf8Length: text => NodeBuffer.byteLength(text),
  writeUtf8(into, text, at, size) {
    (into as Buffer).write(text, at, size, size === text.length ? 'latin1' : 'utf8');
  },
  utf16Bytes: text => NodeBuffer.from(text, 'utf16le'),
  hex: bytes => bufferOf(bytes).toString('hex'),
  hexBytes: hex => NodeBuffer.from(hex, 'hex'),
  base64: bytes => bufferOf(bytes).toString('base64'),
  base64Bytes(text) {
    const bytes = NodeBuffer.from(text, 'base64');
    // Buffer skips what is no base64: only what gives the same text again was read whole.
    return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
  },
};

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return NodeBuffer!.from(buffer, byteOffset, byteLength);
}
