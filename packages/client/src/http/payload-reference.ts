/** A payload that is not sent along, and where it is found. */
export class PayloadReference {
  readonly ref: string;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
  readonly preview: string;
  readonly encoding: string;

  constructor(of: Pick<PayloadReference, 'ref' | 'size' | 'type' | 'preview' | 'encoding'>) {
    this.ref = of.ref;
    this.size = of.size;
    this.type = of.type;
    this.preview = of.preview;
    this.encoding = of.encoding;
  }
}
