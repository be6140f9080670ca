import { DfnsError } from '@dfnsjs/actor-core';

/** LIMIT_EXCEEDED for a frame that a wire cannot carry. */
export function checkFrameSize(frame: Uint8Array, maxBytes: number): void {
  if (frame.length <= maxBytes) return;
  throw new DfnsError(
    'LIMIT_EXCEEDED',
    `A frame of ${frame.length} bytes is more than the ${maxBytes} that the transport carries: send it in parts, or raise max_payload of the NATS servers.`,
    { details: { sizeBytes: frame.length, maxBytes } },
  );
}
