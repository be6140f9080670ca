/** As much of `fetch` as a client needs. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly redirect: 'error';
    readonly signal: AbortSignal;
  },
) => Promise<Fetched>;

/** As much of a `Response`. */
export interface Fetched {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Of a stream. */
  readonly body: ReadableStream<Uint8Array> | null;
  text(): Promise<string>;
}
