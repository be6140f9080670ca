import type { Socket } from 'node:net';
import type { Clock } from '@dfnsjs/actor-core/ports';
import {
  type ConnectionOptions,
  DebugEvents,
  Events,
  type NatsConnection,
  type NatsError,
  NatsConnectionImpl,
  setTransportFactory,
} from 'nats/lib/src/nats-base-client.js';
import { nodeResolveHost, NodeTransport } from 'nats/lib/src/node_transport.js';
import type { NatsHost } from './address.ts';

/** Who logs in and what TLS holds. */
export type LinkSecurity = Pick<ConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator' | 'tls'>;

export interface LinkOptions {
  readonly host: NatsHost;
  readonly security: LinkSecurity;
  readonly name: string;
  readonly clock: Clock;
  /** Subjects to hear of, the first of which nobody else hears of. */
  readonly subjects: readonly [own: string, ...others: string[]];
  receive(frame: Uint8Array): void;
  /** Once, if the link was there. */
  ended(failure: LinkFailure): void;
}

/** Why there is no connection; `refused`: it will not be better before somebody changes something. */
export interface LinkFailure {
  readonly kind: 'away' | 'refused';
  readonly text: string;
}

type Denied = Readonly<Record<'operation' | 'subject', string>>;

/** To connect and be answered. */
const CONNECT_MS = 2_000;
/** An answer is asked for so often; two that are missing at the next time end the link. */
const PING_MS = 2_000;
const PINGS = 2;
/** What the server has not proved to have. */
const PENDING_BYTES = 8 * 1024 * 1024;
/** Proof is asked for when so much has none. */
const PROOF_BYTES = 1024 * 1024;
/** Of the lines around a frame. */
const OVERHEAD_BYTES = 128;
const CLOSE_MS = 1_000;

const REFUSALS = new Set([
  'AUTHORIZATION_VIOLATION',
  'AUTHENTICATION_EXPIRED',
  'ACCOUNT_EXPIRED',
  'PERMISSIONS_VIOLATION',
]);

/**
 * Connects to one server and hears of the subjects: when it resolves with a link, frames to them arrive, and frames may
 * be sent to them. It does not reconnect: the client's own way of it waits for ever where a server stops answering while
 * much is to be sent, leaves a socket behind for each time that it is not answered, and buffers meanwhile.
 */
export async function dial(options: LinkOptions): Promise<Link | LinkFailure> {
  let mine: NodeTransport | undefined;
  // Of the whole process: the client asks for ours before anything else can run. Whoever else uses it then gets what its
  // own `connect` would set.
  setTransportFactory({
    factory() {
      const made = new NodeTransport();
      mine ??= made;
      return made;
    },
    dnsResolveFn: nodeResolveHost,
  });
  let connection: NatsConnection;
  try {
    connection = await NatsConnectionImpl.connect(clientOptions(options));
  } catch (error) {
    // The client forgets the socket of an attempt that was not answered in time.
    const abandoned: Socket | undefined = mine?.socket;
    abandoned?.destroy();
    return failureOf(error);
  }
  try {
    const link = new Link(connection, options);
    return (await link.established()) ?? link;
  } catch (error) {
    // It closed before it was asked for anything.
    void connection.close();
    return failureOf(error);
  }
}

function clientOptions({ host: { hostname, port }, security, name }: LinkOptions): ConnectionOptions {
  return {
    ...security,
    servers: [`${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`],
    name,
    // By the system's own resolver, which the client would go round.
    resolve: false,
    ignoreClusterUpdates: true,
    reconnect: false,
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: PINGS,
    noEcho: true,
  };
}

function failureOf(error: unknown): LinkFailure {
  const { code, message, chainedError, permissionContext: denied } = error as Partial<NatsError>;
  if (denied) return notPermitted(denied);
  const text = chainedError?.message || message || code || 'it closed the connection';
  return { kind: code !== undefined && REFUSALS.has(code) ? 'refused' : 'away', text };
}

const notPermitted = ({ operation, subject }: Denied): LinkFailure => ({
  kind: 'refused',
  text: `${operation} of ${subject} is not permitted`,
});

/** One connection, from when it is in effect until it ends. */
export class Link {
  readonly #connection: NatsConnection;
  readonly #options: LinkOptions;
  readonly #over: Promise<void>;
  #established = false;
  #failure: LinkFailure | undefined;
  /** Bytes that were sent since the last proof, and those before that none came of. */
  #pendingBytes = 0;
  #proving = false;

  constructor(connection: NatsConnection, options: LinkOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#over = connection.closed().then(error => this.#end(failureOf(error ?? {})));
    void this.#watch();
    for (const subject of options.subjects) {
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) this.#end(failureOf(error));
          // What is empty is a probe.
          else if (this.#failure === undefined && message.data.length > 0) options.receive(message.data);
        },
      });
    }
  }

  get maxBytes(): number {
    return Math.min(this.#connection.info?.max_payload ?? PENDING_BYTES, PENDING_BYTES);
  }

  /** undefined: it is. */
  async established(): Promise<LinkFailure | undefined> {
    const { subjects, clock } = this.#options;
    // The server tells of a subject that may not be sent to before it answers the flush.
    for (const subject of subjects) this.#connection.publish(subject);
    if (!(await this.#answered(CONNECT_MS))) this.#end({ kind: 'away', text: 'it does not answer' });
    // The client tells of refusals some microtasks later.
    await new Promise<void>(resolve => clock.hop(resolve));
    this.#established = this.#failure === undefined;
    return this.#failure;
  }

  send(subject: string, frame: Uint8Array): boolean {
    if (this.#failure || this.#connection.isClosed()) return false;
    const bytes = frame.length + OVERHEAD_BYTES;
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes > PENDING_BYTES) return false;
    this.#connection.publish(subject, frame);
    this.#pendingBytes += bytes;
    if (!this.#proving && this.#pendingBytes >= PROOF_BYTES) void this.#prove();
    return true;
  }

  /** What was sent is at the server, if that answers in time. */
  async close(): Promise<void> {
    this.#established = false;
    await this.#answered(CLOSE_MS);
    this.#end({ kind: 'away', text: 'it was closed' });
    await this.#over;
  }

  /** Whether the server has taken all that was sent so far. */
  async #answered(withinMs: number): Promise<boolean> {
    const { clock } = this.#options;
    const { promise: late, resolve: isLate } = Promise.withResolvers<void>();
    const timer = clock.setTimer(clock.now() + withinMs, isLate);
    const answer = this.#connection.flush().then(
      () => true,
      () => false,
    );
    const answered = await Promise.race([answer, this.#over.then(() => false), late.then(() => false)]);
    timer.cancel();
    return answered;
  }

  async #prove(): Promise<void> {
    this.#proving = true;
    while (this.#pendingBytes >= PROOF_BYTES && !this.#failure) {
      const asked = this.#pendingBytes;
      try {
        await this.#connection.flush();
      } catch {
        // It ended: whoever watches it tells.
        break;
      }
      this.#pendingBytes -= asked;
    }
    this.#proving = false;
  }

  async #watch(): Promise<void> {
    for await (const { type, data, permissionContext: denied } of this.#connection.status()) {
      if (type === DebugEvents.StaleConnection) this.#end({ kind: 'away', text: 'it does not answer' });
      else if (type === Events.Error && typeof data === 'string' && REFUSALS.has(data)) {
        this.#end(denied ? notPermitted(denied) : { kind: 'refused', text: data });
      }
    }
  }

  #end(failure: LinkFailure): void {
    if (this.#failure) return;
    this.#failure = failure;
    // Not in order: that would wait for a server that does not answer.
    void this.#connection.close();
    if (!this.#established) return;
    this.#established = false;
    this.#options.ended(failure);
  }
}
