import { DfnsError } from '@dfnsjs/actor-core';
import type { Chance, Clock, Log, Timer } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { checkFrameSize } from '../frame-size.ts';
import type { Wire } from '../wire.ts';
import type { NatsAddress } from './address.ts';
import { dial, Link, type LinkFailure, type LinkSecurity } from './link.ts';
import type { Subjects } from './subjects.ts';

export interface NatsWireOptions {
  readonly address: NatsAddress;
  readonly security: (host: string) => LinkSecurity;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** Between attempts, with up to so much more. */
const RETRY_MS = 250;
const RETRY_JITTER_MS = 100;
/** After a refusal, which somebody has to end. */
const REFUSED_RETRY_MS = 5_000;
/** Until a server has said what it takes: what one takes that was told nothing. */
const DEFAULT_MAX_BYTES = 1024 * 1024;

/** Frames over NATS: one link at a time to one of the servers, again and again for ever. */
export class NatsWire implements Wire {
  readonly #options: NatsWireOptions;
  readonly #listeners: ((connected: boolean) => void)[] = [];
  #self: Incarnation | undefined;
  #receive: (frame: Uint8Array) => void = () => undefined;
  #link: Link | undefined;
  #maxBytes = DEFAULT_MAX_BYTES;
  #closed = false;
  #attempts = 0;
  #attempt: Promise<LinkFailure | undefined> | undefined;
  #retry: Timer | undefined;
  /** What the log was last told that is wrong. */
  #told: string | undefined;

  constructor(options: NatsWireOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#link !== undefined;
  }

  get maxBytes(): number {
    return this.#link?.maxBytes ?? this.#maxBytes;
  }

  onConnected(listener: (connected: boolean) => void): void {
    this.#listeners.push(listener);
  }

  async open(self: Incarnation, receive: (frame: Uint8Array) => void): Promise<void> {
    if (this.#self !== undefined || this.#closed) {
      throw new DfnsError('VALIDATION', 'The wire was opened before: make another.');
    }
    this.#self = self;
    this.#receive = receive;
    const { servers, shown } = this.#options.address;
    for (let each = 1; ; each++) {
      const failure = await this.#connect();
      if (!failure || this.#closed) return;
      if (failure.kind === 'refused') {
        await this.close();
        throw new DfnsError('FORBIDDEN', refusal(shown, failure), { details: { server: shown } });
      }
      if (each < servers.length) continue;
      this.#tell(failure);
      this.#later(failure);
      return;
    }
  }

  send(to: Incarnation, frame: Uint8Array): boolean {
    return this.#send(this.#options.subjects.of(to), frame);
  }

  broadcast(frame: Uint8Array): boolean {
    return this.#send(this.#options.subjects.all, frame);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#receive = () => undefined;
    this.#retry?.cancel();
    const link = this.#link;
    this.#change(undefined);
    this.#listeners.length = 0;
    // One that is under way finds it closed.
    await Promise.all([link?.close(), this.#attempt]);
  }

  #send(subject: string, frame: Uint8Array): boolean {
    checkFrameSize(frame, this.maxBytes);
    return this.#link !== undefined && this.#link.send(subject, frame);
  }

  #connect(): Promise<LinkFailure | undefined> {
    this.#attempt = this.#dial();
    return this.#attempt;
  }

  async #dial(): Promise<LinkFailure | undefined> {
    const { address, security, subjects, clock } = this.#options;
    const host = address.servers[this.#attempts++ % address.servers.length]!;
    const link = await dial({
      host,
      security: security(host.hostname),
      name: `dfns ${this.#self}`,
      clock,
      subjects: [subjects.of(this.#self!), subjects.all],
      receive: frame => this.#arrived(frame),
      ended: failure => this.#lost(failure),
    });
    if (!(link instanceof Link)) return link;
    if (this.#closed) await link.close();
    else this.#found(link, `${host.hostname}:${host.port}`);
    return undefined;
  }

  #found(link: Link, server: string): void {
    this.#told = undefined;
    this.#maxBytes = link.maxBytes;
    this.#options.log.write('info', `Connected to NATS at ${server}.`, { server });
    this.#change(link);
  }

  #lost(failure: LinkFailure): void {
    if (this.#closed) return;
    this.#maxBytes = this.maxBytes;
    this.#change(undefined);
    this.#tell(failure);
    this.#later(failure);
  }

  #later({ kind }: LinkFailure): void {
    const { clock, chance } = this.#options;
    const waitMs = (kind === 'refused' ? REFUSED_RETRY_MS : RETRY_MS) + chance.random() * RETRY_JITTER_MS;
    this.#retry = clock.setTimer(clock.now() + waitMs, () => void this.#again());
  }

  async #again(): Promise<void> {
    const failure = await this.#connect();
    if (!failure || this.#closed) return;
    this.#tell(failure);
    this.#later(failure);
  }

  /** Once an outage, and again where it is of another kind. */
  #tell(failure: LinkFailure): void {
    if (this.#told === failure.kind) return;
    this.#told = failure.kind;
    const server = this.#options.address.shown;
    if (failure.kind === 'refused') this.#options.log.write('error', refusal(server, failure), { server });
    else {
      this.#options.log.write(
        'warn',
        `NATS is away (${server}: ${failure.text}): this node reaches no other until it is back, and tries for ever.`,
        { server },
      );
    }
  }

  #arrived(frame: Uint8Array): void {
    try {
      this.#receive(frame);
    } catch (error) {
      // Out of here it would end all reading, and tell nobody.
      this.#options.log.write('error', 'A frame was lost: taking it failed.', { error });
    }
  }

  #change(link: Link | undefined): void {
    if (this.#link === link) return;
    this.#link = link;
    for (const listener of [...this.#listeners]) listener(link !== undefined);
  }
}

const refusal = (server: string, { text }: LinkFailure): string =>
  `NATS at ${server} refuses this node (${text}): correct user and password, token or credentials file in the URL, and let that user publish to and subscribe to the cluster's subjects.`;
