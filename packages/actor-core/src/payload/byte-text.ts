/** Strings and bytes, one made of the other. */
export interface ByteText {
  /** Memory with an ArrayBuffer of its own; what it holds is not said. */
  allocate(size: number): Uint8Array<ArrayBuffer>;
  /** The same bytes, as `utf8` and `utf16` take them: made once for several texts. */
  view(bytes: Uint8Array): Uint8Array;
  utf8(view: Uint8Array, at: number, end: number): string;
  /** Little-endian. */
  utf16(view: Uint8Array, at: number, end: number): string;
  /** Bytes of a well-formed string in UTF-8. */
  utf8Length(text: string): number;
  /** Writes a well-formed string in UTF-8 to what `allocate` gave; `size` is its `utf8Length`. */
  writeUtf8(into: Uint8Array, text: string, at: number, size: number): void;
  /** Little-endian. */
  utf16Bytes(text: string): Uint8Array;
  hex(bytes: Uint8Array): string;
  /** Of two digits a byte. */
  hexBytes(hex: string): Uint8Array;
  base64(bytes: Uint8Array): string;
  /** undefined for what is not exactly what `base64` gives. */
  base64Bytes(text: string): Uint8Array | undefined;
}
