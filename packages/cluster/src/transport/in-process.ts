import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { Wire } from './wire.ts';

/** Connects the wires of one process. */
export class Hub {
  readonly #receivers = new Map<Incarnation, (frame: Uint8Array) => void>();

  connect(): Wire {
    let own: Incarnation | undefined;
    const receivers = this.#receivers;
    return {
      async open(self, receive) {
        if (own) receivers.delete(own);
        own = self;
        receivers.set(self, receive);
      },
      send(to, frame) {
        setImmediate(() => receivers.get(to)?.(frame));
        return true;
      },
      broadcast(frame) {
        for (const to of receivers.keys()) setImmediate(() => receivers.get(to)?.(frame));
        return true;
      },
      connected: true,
      onConnected: () => undefined,
      maxBytes: 1024 * 1024,
      async close() {
        if (own) receivers.delete(own);
      },
    };
  }
}
