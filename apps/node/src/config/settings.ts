import type { NodeOptions } from '../options.ts';

/** What verbs that ask a node speak to, and as whom. */
export interface Profile {
  readonly url?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly namespace?: string | undefined;
}

/**
 * What `dfns.config.ts` exports by default: options of the node, and what the command itself reads.
 *
 * ```ts
 * export default { files: 'src/workflows.ts', store: 'sqlite:./app.db', deps: { mailer } } satisfies Config;
 * ```
 */
export interface Config extends Partial<Omit<NodeOptions, 'files'>>, Profile {
  /**
   * Files that export workflows and tasks, from the folder of the config file. Default: src/workflows.ts, or workflows.ts,
   * of the working directory.
   */
  readonly files?: string | readonly string[] | undefined;
  /** Loaders such as tsx, imported before them. */
  readonly import?: string | readonly string[] | undefined;
  /** By name, for `--profile`. */
  readonly profiles?: Readonly<Record<string, Profile>> | undefined;
}

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
