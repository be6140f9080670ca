/** A NATS server of a test's own, on a free port of this machine. */
export interface NatsServer {
  readonly port: number;
  readonly pid: number;
  /** Without user and password. */
  readonly url: string;
  /** What it said so far. */
  said(): string;
  /** Ends the process at once, or with `SIGTERM` in order, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Again, on the same port, with other settings where they are given. */
  restart(settings?: string): Promise<void>;
  /** Other settings for the running process, which takes them up. */
  reload(settings: string): Promise<void>;
  /** It answers nothing until `resume`; connections stay. */
  pause(): void;
  resume(): void;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface NatsOptions {
  /** Lines of its configuration file. */
  readonly settings?: string;
  /** Default: one that is free. */
  readonly port?: number;
}

/** It rejects where Debian's package `nats-server` is not installed, and says so. */
export function startNats(options?: NatsOptions): Promise<NatsServer>;

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number>;
