import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What the frames of a cluster are signed with. */
export type FrameKey = KeyObject;

/** Bytes of a signature. */
export const SIGNATURE_BYTES = 32;

/** The key of one cluster and protocol version: the same secret in another cluster makes another. */
export function frameKey(cluster: string, secret: string, version: number): FrameKey {
  return createSecretKey(createHmac('sha256', secret).update(`dfns frame ${version} ${cluster}`).digest());
}

/** HMAC-SHA256 of the signed part. */
export function sign(key: FrameKey, signed: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(signed).digest();
}

export function verify(key: FrameKey, signed: Uint8Array, signature: Uint8Array): boolean {
  return timingSafeEqual(sign(key, signed), signature);
}
