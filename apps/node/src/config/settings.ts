/** Where a value came from, in words: `--store`, `DFNS_STORE`, `dfns.config.ts`. */
export type Origin = string;

/** Options of one source, nested as `startNode` takes them. */
export interface Layer {
  readonly values: Readonly<Record<string, unknown>>;
  /** Of the option at a path such as `http.port`. */
  origin(path: string): Origin;
}

/** What of a config file the command itself reads; all else in it goes to the node. */
export const COMMAND_OPTIONS = ['files', 'import', 'url', 'apiKey', 'profiles'] as const;
