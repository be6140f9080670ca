import type { Clock, Log } from '@dfnsjs/actor-core/ports';
import type { Incarnation, Millis } from '@dfnsjs/actor-core/records';
import { decodeFrame, encodeFrame, FRAME_VERSION, type FrameRefusal, type Item } from './frame.ts';
import { frameKey } from './frame-key.ts';

/** Of a refusal that goes on it is told so often. */
const TELL_AGAIN_MS: Millis = 60_000;

/** Why frames of others are not taken, for people. Frames to an incarnation that this node was before are no news. */
const ADVICE: Readonly<Record<Exclude<FrameRefusal, 'addressee'>, string>> = {
  version: 'frames of another build are not understood: deploy one version of dfns to the cluster',
  signature: 'frames with another signature are not taken: give every node of the cluster the same secret',
  damaged: 'something that is no frame of dfns came over the transport',
};

/** Frames of one cluster: signed, where it has a secret; what others send is dropped, and told now and then. */
export class FrameCodec {
  readonly #key: ReturnType<typeof frameKey> | undefined;
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #log: Log;
  readonly #told = new Map<FrameRefusal, Millis>();

  /** @param secret absent: nothing is signed */
  constructor(cluster: string, secret: string | undefined, clock: Pick<Clock, 'elapsed'>, log: Log) {
    this.#key = secret === undefined ? undefined : frameKey(cluster, secret, FRAME_VERSION);
    this.#clock = clock;
    this.#log = log;
  }

  /** @param to null: everybody */
  seal(from: Incarnation, to: Incarnation | null, items: readonly Item[]): Uint8Array {
    return encodeFrame({ from, to, items }, this.#key);
  }

  /** undefined: it is not for this node, or not of this cluster. */
  open(
    bytes: Uint8Array,
    self: Incarnation,
  ): { readonly from: Incarnation; readonly items: readonly Item[] } | undefined {
    const decoded = decodeFrame(bytes, self, this.#key);
    if (decoded.kind === 'frame') return decoded.frame;
    const { reason, detail } = decoded;
    const now = this.#clock.elapsed();
    if (reason !== 'addressee' && now >= (this.#told.get(reason) ?? -Infinity)) {
      this.#told.set(reason, now + TELL_AGAIN_MS);
      this.#log.write('warn', ADVICE[reason], { detail });
    }
    return undefined;
  }
}
