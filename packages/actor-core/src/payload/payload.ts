declare const brand: unique symbol;

/**
 * An encoded value that stands for itself: two header bytes (format version, codec) and the body. What crosses into
 * or out of user code, the journal and the wire is always one of these.
 */
export type Payload = Uint8Array & { readonly [brand]: 'Payload' };
