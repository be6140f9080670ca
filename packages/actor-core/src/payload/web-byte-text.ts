import type { ByteText } from './byte-text.ts';

/** Units that one call of fromCharCode takes. */
const CHUNK = 8_192;

const encoder = new TextEncoder();
/** As Buffer does it: what is no UTF-8 is U+FFFD, a byte order mark a character. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** By what browsers and edge runtimes have, and Node too. */
export const webByteText: ByteText = {
  allocate: size => new Uint8Array(size),
  view: bytes => bytes,
  utf8: (view, at, end) => decoder.decode(view.subarray(at, end)),
  utf16(view, at, end) {
    const units = new Uint16Array((end - at) >> 1);
    for (let i = 0; i < units.length; i++) units[i] = view[at + 2 * i]! | (view[at + 2 * i + 1]! << 8);
    return fromUnits(units);
  },
  utf8Length(text) {
    let size = text.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      // Half of a pair is two of its four bytes.
      if (unit > 0x7f) size += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
    }
    return size;
  },
  writeUtf8(into, text, at, size) {
    encoder.encodeInto(text, into.subarray(at, at + size));
  },
  utf16Bytes(text) {
    const bytes = new Uint8Array(text.length * 2);
    for (let i = 0; i < text.length; i++) {
      bytes[2 * i] = text.charCodeAt(i) & 0xff;
      bytes[2 * i + 1] = text.charCodeAt(i) >> 8;
    }
    return bytes;
  },
  hex: bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(''),
  hexBytes: hex => Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16)),
  base64: bytes => btoa(fromUnits(bytes)),
  base64Bytes(text) {
    try {
      const units = atob(text);
      // Spaces are skipped, and spare bits: only what gives the same text again was read whole.
      return btoa(units) === text ? Uint8Array.from(units, unit => unit.charCodeAt(0)) : undefined;
    } catch {
      return undefined;
    }
  },
};

function fromUnits(units: Uint8Array | Uint16Array): string {
  let text = '';
  for (let at = 0; at < units.length; at += CHUNK) text += String.fromCharCode(...units.subarray(at, at + CHUNK));
  return text;
}
