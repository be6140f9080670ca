import type { StartRequest } from '@dfnsjs/actor-core/engine';
import { DfnsError } from '@dfnsjs/actor-core';
import { decode, encode, isOpen, type MessageId, type Payload } from '@dfnsjs/actor-core/records';
import type { RunHistory } from '../invariants/history.ts';
import { Violation } from '../invariants/violation.ts';
import type { SimulatedNode } from '../world/node.ts';
import type { Seed } from '../world/seed.ts';
import type { World } from '../world/world.ts';
import type { Seen } from './interpreter.ts';
import type { Laws } from './laws.ts';
import { AWAITED, drawProgram } from './program.ts';

const NAMESPACE = 'default';

/** A message of a client, over all its tries. */
interface Sent {
  readonly mid: MessageId;
  readonly kind: 'signal' | 'update' | 'cancel' | 'terminate';
  readonly id: string;
  readonly name: string;
  readonly payload: Payload;
  tries: number;
  readonly incarnation: string;
  accepted: boolean;
  /** When it was sent first, and accepted first, in lines of the trace. */
  sentAt?: number;
  acceptedAt?: number;
  /** It was told for good that it is not taken. */
  refused: boolean;
  outcome: string | null;
}

/** Draws what clients ask for, asks it, and holds the answers to what is committed. */
export class Clients {
  readonly ids: readonly string[];
  readonly sent: Sent[] = [];
  readonly #world: World;
  readonly #laws: Laws;
  readonly #seed: Seed;
  readonly #requests = new Map<string, StartRequest>();
  /** By workflow, key and body: the execution that came of it. */
  readonly #idempotent = new Map<string, number>();
  /** By run: what was shown or acknowledged. */
  readonly #shown = new Map<string, { total: number; logged: number }>();
  #tags = 0;

  constructor(world: World, laws: Laws) {
    this.#world = world;
    this.#laws = laws;
    this.#seed = world.seed.fork();
    this.ids = Array.from({ length: this.#seed.between(2, 6) }, (_, i) => `e${i}`);
  }

  /** Asks for one thing, drawn, if there is a node to ask. */
  act(): void {
    const { ready } = this.#world;
    if (ready.length === 0) return;
    const seed = this.#seed;
    const node = ready.length === 1 ? ready[0]! : seed.pick(ready);
    const id = seed.pick(this.ids);
    const drawn = seed.random();
    if (drawn < 0.25) return this.#start(node, id);
    if (drawn < 0.5) return this.#signal(node, id, seed.pick([...AWAITED, 'note']));
    if (drawn < 0.65)
      return this.#send(node, this.#message(node, 'update', id, 'bump', { by: seed.pick([1, 1, 2, -1]) }));
    if (drawn < 0.85) return this.#query(node, id);
    if (drawn < 0.9 && this.sent.length > 0) return this.#send(node, seed.pick(this.sent));
    if (drawn < 0.93) return this.#send(node, this.#message(node, 'cancel', id, '', null));
    if (drawn < 0.94) return this.#send(node, this.#message(node, 'terminate', id, '', null));
    if (drawn < 0.97) return this.#retry(node, id);
  }

  /** Gives those who wait for messages what they wait for, and lets held ones go on. */
  feed(open: readonly RunHistory[]): void {
    const [node] = this.#world.ready;
    if (!node) return;
    // A node that has little room takes those who come first: not always the same ones.
    for (const { row } of this.#seed.shuffled(open)) {
      if (row.held) this.#retry(node, row.id);
      const { fed } = decode(row.input!) as { readonly fed: boolean };
      if (!fed || row.held) continue;
      for (const name of this.#seed.shuffled([...AWAITED, 'bump'])) {
        if (name === 'bump') this.#send(node, this.#message(node, 'update', row.id, name, { by: 1 }));
        else this.#signal(node, row.id, name);
      }
    }
  }

  #start(node: SimulatedNode, id: string): void {
    const seed = this.#seed;
    const known = this.#requests.get(id);
    const program = drawProgram(seed, this.ids);
    const key = seed.chance(0.4) ? `key-${id}-${seed.below(3)}` : null;
    const request: StartRequest =
      known && seed.chance(0.3)
        ? known
        : {
            namespace: NAMESPACE,
            id,
            workflow: seed.chance(0.85) ? 'program' : 'hurried',
            version: undefined,
            input: encode({ ...program, before: null }),
            attributes: null,
            headers: null,
            onConflict: seed.pick(['fail', 'fail', 'use-existing', 'terminate-existing']),
            reuse: seed.pick(['always', 'always', 'after-failure', 'never']),
            idempotency: key === null ? null : { key, hash: seed.uuid() },
            startedBy: null,
          };
    this.#requests.set(id, request);
    this.#note(
      `start ${id} ${request.workflow} ${request.onConflict} ${request.reuse} ${request.idempotency?.key ?? ''}`,
    );
    this.#hear(
      node.to(NAMESPACE, id).start(request),
      started => {
        this.#note(`started ${id} ${started.runId} ${started.existing}`);
        this.#laws.outputCommit.started(id, started.runId);
        if (!request.idempotency) return;
        const one = `${request.workflow} ${request.idempotency.key} ${request.idempotency.hash}`;
        const { first } = this.#laws.histories.byRunId.get(started.runId)!.row;
        const known = this.#idempotent.get(one);
        // One that found another running when it was made joined that, and wrote no key.
        const joined = started.existing && request.onConflict === 'use-existing';
        if (known !== undefined && known !== first && !joined) {
          throw new Violation('exactly-once', `The same start of "${id}" began executions ${known} and ${first}.`);
        }
        if (!started.existing) this.#idempotent.set(one, first);
      },
      `start ${id}`,
      ['ALREADY_RUNNING', 'ALREADY_EXISTS', 'OVERLOADED'],
    );
  }

  #signal(node: SimulatedNode, id: string, name: string): void {
    this.#send(node, this.#message(node, 'signal', id, name, { tag: `t${++this.#tags}` }));
  }

  #message(node: SimulatedNode, kind: Sent['kind'], id: string, name: string, value: unknown): Sent {
    const mid = this.#seed.uuid() as MessageId;
    const incarnation = node.incarnation ?? '';
    const sent = {
      mid,
      kind,
      id,
      name,
      payload: encode(value),
      tries: 0,
      incarnation,
      accepted: false,
      refused: false,
      outcome: null,
    };
    this.sent.push(sent);
    return sent;
  }

  #send(node: SimulatedNode, message: Sent): void {
    message.tries++;
    const { kind, id, name, mid } = message;
    const peer = node.to(NAMESPACE, id);
    message.sentAt ??= this.#world.trace.count;
    this.#note(`${kind} ${id} ${name} ${mid} ${message.tries}`);
    const refused = (code: string) => {
      if (message.tries > 1 || (code !== 'CLOSED' && code !== 'NOT_FOUND' && code !== 'UPDATE_REJECTED')) return;
      // An update that was taken may be closed before its answer.
      if (kind === 'update' && code === 'CLOSED') return;
      message.refused = true;
    };
    const codes = ['CLOSED', 'NOT_FOUND', 'OVERLOADED', 'UPDATE_REJECTED', 'UPDATE_FAILED'];
    if (kind === 'update') {
      const outcome = peer.update(NAMESPACE, id, name, message.payload, mid);
      return this.#hear(
        outcome,
        payload => this.#answered(message, decode(payload) as number),
        `update ${mid}`,
        codes,
        refused,
      );
    }
    const call: Promise<unknown> =
      kind === 'signal'
        ? peer.signal(NAMESPACE, id, name, message.payload, mid)
        : kind === 'cancel'
          ? peer.cancel(NAMESPACE, id, 'a client', mid)
          : peer.terminate(NAMESPACE, id, 'a client', mid);
    this.#hear(
      call,
      () => {
        this.#accept(message);
        const { exactlyOnce, histories } = this.#laws;
        this.#laws.outputCommit.accepted(`${kind} ${mid}`, exactlyOnce.taken.has(mid), histories.accepted.has(mid));
      },
      `${kind} ${mid}`,
      codes,
      refused,
    );
  }

  #accept(message: Sent): void {
    message.accepted = true;
    message.acceptedAt ??= this.#world.trace.count;
  }

  #answered(message: Sent, total: number): void {
    const { histories, exactlyOnce } = this.#laws;
    if (!exactlyOnce.answered.has(message.mid)) {
      throw new Violation('output-commit', `Update ${message.mid} was answered, and its answer is not committed.`);
    }
    this.#accept(message);
    const outcome = String(total);
    const chains = new Set<number>();
    for (const run of histories.ofId(NAMESPACE, message.id)) {
      if (run.turns.some(turn => turn.messages.some(each => each.kind === 'update' && each.id === message.mid))) {
        chains.add(run.row.first);
      }
    }
    // Sent again to a new execution of the id, it is another update.
    if (chains.size === 1 && message.outcome !== null && message.outcome !== outcome) {
      throw new Violation(
        'exactly-once',
        `Update ${message.mid} was answered ${message.outcome}, and later ${outcome}.`,
      );
    }
    message.outcome = outcome;
    for (const run of histories.ofId(NAMESPACE, message.id)) {
      if (run.commands.some(command => command.kind === 'answer' && command.id === message.mid)) {
        this.#shownOf(run.row.runId).total = Math.max(total, this.#shownOf(run.row.runId).total);
      }
    }
  }

  #query(node: SimulatedNode, id: string): void {
    const before = new Map([...this.#shown].map(([runId, shown]) => [runId, { ...shown }]));
    this.#note(`query ${id}`);
    this.#hear(
      node.to(NAMESPACE, id).query(NAMESPACE, id, 'state', encode(undefined)),
      payload => {
        const seen = decode(payload) as Seen;
        this.#note(`saw ${JSON.stringify(seen)}`);
        const known = before.get(seen.runId);
        if (known && (seen.total < known.total || seen.logged < known.logged)) {
          throw new Violation(
            'output-commit',
            `A query of "${id}" saw ${seen.total}/${seen.logged} after ${known.total}/${known.logged} had been shown.`,
          );
        }
        const shown = this.#shownOf(seen.runId);
        shown.total = Math.max(shown.total, seen.total);
        shown.logged = Math.max(shown.logged, seen.logged);
      },
      `query ${id}`,
      ['NOT_FOUND'],
    );
  }

  #retry(node: SimulatedNode, id: string): void {
    this.#hear(node.to(NAMESPACE, id).retry(NAMESPACE, id), () => undefined, `retry ${id}`, [
      'NOT_FOUND',
      'NOT_RETRYABLE',
      'CLOSED',
    ]);
  }

  #shownOf(runId: string): { total: number; logged: number } {
    let shown = this.#shown.get(runId);
    if (!shown) this.#shown.set(runId, (shown = { total: 0, logged: 0 }));
    return shown;
  }

  #note(line: string): void {
    this.#world.note(`client ${line}`);
  }

  /** Notes the answer and checks it; errors that clients are told of by code are answers too. */
  #hear<T>(
    call: Promise<T>,
    answered: (answer: T) => void,
    what: string,
    codes: readonly string[],
    refused: (code: string) => void = () => undefined,
  ): void {
    call
      .then(
        answer => {
          this.#note(`answer ${what}`);
          answered(answer);
        },
        (error: unknown) => {
          const code = error instanceof DfnsError ? error.code : String(error);
          this.#note(`refusal ${what} ${code}`);
          // A store that refuses at random refuses one and the same write so often, now and then, that it is given up.
          const isGivenUp = error instanceof DfnsError && error.message.startsWith('The store does not take');
          if (code !== 'UNAVAILABLE' && !codes.includes(code) && !isGivenUp)
            throw new Error(`${what} was answered ${code}`, { cause: error });
          refused(code);
        },
      )
      .catch((error: unknown) => this.#world.broken(error));
  }

  /** Of executions that are over. */
  assertAllTaken(): void {
    const { exactlyOnce, histories } = this.#laws;
    for (const { mid, kind, id, accepted, refused, tries } of this.sent) {
      const taken = exactlyOnce.taken.get(mid);
      // Looked for at another node, it may find that its id is another execution's by now.
      const isOf = this.#world.store.exclusive || this.#isOfLast(id, mid);
      if (refused && tries === 1 && taken !== undefined && isOf)
        throw new Violation('exactly-once', `${kind} ${mid} was refused, and yet taken.`);
      const run = histories.ofId(NAMESPACE, id).at(-1);
      if (accepted && taken === undefined && !(histories.accepted.has(mid) && run && !isOpen(run.row.status))) {
        throw new Violation('exactly-once', `${kind} ${mid} to "${id}" was accepted, and never taken.`);
      }
    }
    if (this.#world.store.exclusive) this.#assertSendersOrder();
    else this.#assertCallersOrder();
  }

  /** One node takes what one client sends in the order in which it came. */
  #assertSendersOrder(): void {
    const places = new Map<string, number>();
    for (const message of this.sent) {
      const taken = this.#takenOnce(message);
      if (taken === undefined) continue;
      const sender = `${message.incarnation} ${message.id}`;
      if (taken < (places.get(sender) ?? 0)) throw outOfOrder(message);
      places.set(sender, taken);
    }
  }

  /** Several may take what is under way at one time in any order; but not before what was accepted before it was sent. */
  #assertCallersOrder(): void {
    const taken = this.sent.flatMap(message => {
      const place = this.#takenOnce(message);
      return place === undefined ? [] : [{ message, place }];
    });
    for (const { message, place } of taken) {
      const { id, sentAt } = message;
      const before = taken.some(
        ({ message: { id: other, acceptedAt }, place: earlier }) =>
          other === id && acceptedAt !== undefined && acceptedAt < sentAt! && earlier > place,
      );
      if (before) throw outOfOrder(message);
    }
  }

  /** Whether the last execution of the id took the message. */
  #isOfLast(id: string, mid: MessageId): boolean {
    const runs = this.#laws.histories.ofId(NAMESPACE, id);
    const last = runs.at(-1)?.row.first;
    return runs.some(
      ({ row, turns }) =>
        row.first === last && turns.some(({ messages }) => messages.some(each => 'id' in each && each.id === mid)),
    );
  }

  /** A cancel and a terminate are never refused, and overtake what waits in the store for room. */
  #takenOnce({ mid, tries, kind }: Sent): number | undefined {
    return tries > 1 || kind !== 'signal' ? undefined : this.#laws.exactlyOnce.taken.get(mid);
  }
}

function outOfOrder({ kind, mid, id }: Sent): Violation {
  return new Violation('exactly-once', `${kind} ${mid} to "${id}" was taken before one that was sent earlier.`);
}
