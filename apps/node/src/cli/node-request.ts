import type { Given, OptionSpec } from './verb.ts';

export const NODE_OPTIONS: readonly OptionSpec[] = [
  { flags: '--store <url>', help: 'memory:, sqlite:PATH or postgres://… (DFNS_STORE)' },
  { flags: '--transport <url>', help: 'how nodes of one store reach each other: nats://… (DFNS_TRANSPORT)' },
  { flags: '--host <host>', help: 'where it listens (DFNS_HTTP_HOST; default 127.0.0.1)' },
  { flags: '--port <port>', help: 'and on which port (DFNS_HTTP_PORT; default 3367)' },
  { flags: '--insecure', help: 'let whoever reaches another host do all, without a key (DFNS_HTTP_INSECURE)' },
  { flags: '--namespace <name>', help: 'namespace of its client (DFNS_NAMESPACE)' },
  { flags: '--log <level>', help: 'debug, info, warn, error or silent (DFNS_LOG)' },
  { flags: '--drain-timeout <duration>', help: 'how long a stop waits for tasks that run (DFNS_DRAIN_TIMEOUT)' },
  { flags: '--import <module>', help: 'a loader such as tsx, imported first; may be given several times', many: true },
  { flags: '--config <file>', help: 'instead of dfns.config.{ts,js,json} (DFNS_CONFIG)' },
];

/** By name of the flag: the option that it sets. */
const FLAG_PATHS: Readonly<Record<string, string>> = {
  store: 'store',
  transport: 'transport',
  host: 'http.host',
  port: 'http.port',
  insecure: 'http.insecure',
  namespace: 'namespace',
  log: 'log',
  drainTimeout: 'drainTimeout',
};

/** What a node process is told: plain, so that it can be sent to it. It reads the rest by itself. */
export interface NodeRequest {
  readonly cwd: string;
  /** Its number among several processes of this machine that share a port, from 1 on. */
  readonly slot?: number | undefined;
  /** As given; absent, those of the config file. */
  readonly files: readonly string[];
  readonly imports: readonly string[];
  readonly config?: string | undefined;
  /** Set by flags. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Below the config file. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** What the flags of `dfns dev` and `dfns serve` ask for. */
export function readRequest(
  given: Given,
  cwd: string,
  env: NodeJS.ProcessEnv,
  defaults: Readonly<Record<string, unknown>>,
): NodeRequest {
  const flags: Record<string, unknown> = {};
  for (const [flag, path] of Object.entries(FLAG_PATHS)) {
    const [room = '', name] = path.split('.');
    const value = flag === 'port' ? given.number(flag) : (given.text(flag) ?? (given.flag(flag) || undefined));
    if (value === undefined) continue;
    if (name === undefined) flags[room] = value;
    else flags[room] = { ...(flags[room] as object | undefined), [name]: value };
  }
  return {
    cwd,
    files: given.rest(0),
    imports: given.many('import'),
    config: given.text('config') ?? (env['DFNS_CONFIG'] || undefined),
    flags,
    defaults,
  };
}

/** The flag that sets the option at a path. */
export function flagOf(path: string): string {
  const flag = Object.entries(FLAG_PATHS).find(([, each]) => each === path)?.[0] ?? path;
  return `--${flag.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}
