import type { ByteText } from './byte-text.ts';
import { nodeByteText } from './node-byte-text.ts';
import { webByteText } from './web-byte-text.ts';

/** By Buffer where there is one, which is fastest; else by what browsers and edge runtimes have. */
export const BYTE_TEXT: ByteText = nodeByteText ?? webByteText;
