import { decode, encode, type Incarnation, type Payload } from '@dfnsjs/actor-core/records';

export function frameCodec(_secret: string | undefined) {
  return {
    seal: (from: Incarnation, to: Incarnation | null, items: readonly unknown[]): Uint8Array =>
      encode([from, to, items], 'frame', 2 ** 27),
    open: (frame: Uint8Array, _self: Incarnation) => {
      const [from, , items] = decode(frame as Payload) as [Incarnation, unknown, []];
      return { from, items };
    },
  };
}
