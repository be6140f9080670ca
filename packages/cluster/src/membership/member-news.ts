import type { Duty, Log, Member, Membership } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';

const ASKED: Readonly<Record<Duty, string>> = {
  serve: 'an operator asks this node to serve as before',
  cordon: 'an operator asks this node to take no more shards',
  drain: 'an operator asks this node to give up its shards',
};

/** Tells the log who comes and goes, and what is asked of this node. */
export class MemberNews {
  readonly #log: Log;
  readonly #self: Incarnation;
  #before: ReadonlyMap<Incarnation, Member> | null = null;

  constructor(log: Log, self: Incarnation) {
    this.#log = log;
    this.#self = self;
  }

  /** Who lives, as it was read just now. */
  members({ members }: Membership): void {
    const now = new Map(members.map(member => [member.incarnation, member]));
    const before = this.#before ?? new Map(now).set(this.#self, { ...now.get(this.#self)!, duty: 'serve' });
    this.#before = now;
    const self = now.get(this.#self);
    for (const [incarnation, { address, build }] of now) {
      if (before.has(incarnation)) continue;
      this.#log.write('info', 'another node has joined', { other: incarnation, address, build });
      // One that was started again has the address of one that is no more; this one is.
      if (address !== self?.address) continue;
      this.#log.write('warn', 'it has the address of this node: give each an address of its own', { address });
    }
    for (const [incarnation, { address }] of before) {
      if (!now.has(incarnation)) this.#log.write('info', 'another node is gone', { other: incarnation, address });
    }
    const duty = before.get(this.#self)?.duty;
    if (self && self.duty !== duty) this.#log.write('info', ASKED[self.duty], { duty: self.duty });
  }
}
