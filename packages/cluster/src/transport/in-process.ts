import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { Peer, Transport } from './transport.ts';

/** Nodes of one process: a call is a call. */
export class InProcessTransport implements Transport {
  readonly #peers = new Map<Incarnation, Peer>();

  serve(incarnation: Incarnation, peer: Peer): void {
    this.#peers.set(incarnation, peer);
  }

  leave(incarnation: Incarnation): void {
    this.#peers.delete(incarnation);
  }

  peer(incarnation: Incarnation): Peer | undefined {
    return this.#peers.get(incarnation);
  }
}
