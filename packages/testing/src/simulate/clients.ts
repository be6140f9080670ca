import type { StartRequest } from '@dfnsjs/actor-core/engine';
import { DfnsError, type AnyWorkflowReference } from '@dfnsjs/actor-core';
import { decode, encode, type MessageId } from '@dfnsjs/actor-core/records';
import type { RunHistory } from '../invariants/history.ts';
import { Violation } from '../invariants/violation.ts';
import type { SimulatedNode } from '../world/node.ts';
import type { Seed } from '../world/seed.ts';
import type { World } from '../world/world.ts';
import { hurried, program as steady, stubborn, type Seen } from './interpreter.ts';
import type { Laws } from './laws.ts';
import { AWAITED, drawProgram, withFailures } from './program.ts';
import { assertAllTaken, type Sent } from './taken.ts';

const NAMESPACE = 'default';

/** Draws what clients ask for, asks it, and holds the answers to what is committed. */
export class Clients {
  readonly ids: readonly string[];
  readonly sent: Sent[] = [];
  readonly #world: World;
  readonly #laws: Laws;
  readonly #isTalkative: boolean;
  readonly #acts: Seed;
  /** Of the act at hand: what is left out leaves those after it as they are. */
  #seed: Seed;
  readonly #requests = new Map<string, StartRequest>();
  /** By workflow, key and body: the execution that came of it. */
  readonly #idempotent = new Map<string, number>();
  /** By run: what was shown or acknowledged. */
  readonly #shown = new Map<string, { total: number; logged: number }>();
  /** By id, which one of its runs is the newest that somebody was told of. */
  readonly #newest = new Map<string, number>();
  #tags = 0;

  /** @param isTalkative executions tell each other a lot */
  constructor(world: World, laws: Laws, isTalkative: boolean) {
    this.#world = world;
    this.#laws = laws;
    this.#isTalkative = isTalkative;
    this.#acts = world.seed.fork();
    this.#seed = this.#acts.fork();
    this.ids = Array.from({ length: this.#seed.between(2, 6) }, (_, i) => `e${i}`);
  }

  /** Asks for one thing, drawn, if there is a node to ask. */
  act(): void {
    const seed = (this.#seed = this.#acts.fork());
    const { ready } = this.#world;
    if (ready.length === 0) return;
    const node = ready.length === 1 ? ready[0]! : seed.pick(ready);
    const id = seed.pick(this.ids);
    const act = actOf(seed.random());
    if (!this.#world.happens(`client: ${act}`)) return;
    switch (act) {
      case 'start':
        return this.#start(node, id);
      case 'signal':
        return this.#signal(node, id, seed.pick([...AWAITED, 'note']));
      case 'update':
        return this.#send(node, this.#message(node, 'update', id, 'bump', { by: seed.pick([1, 1, 2, -1]) }));
      case 'query':
        return this.#query(node, id);
      case 'again':
        return this.sent.length > 0 ? this.#send(node, seed.pick(this.sent)) : undefined;
      case 'cancel':
      case 'terminate':
        return this.#send(node, this.#message(node, act, id, '', null));
      case 'retry':
        return this.#retry(node, id);
      case 'nothing':
        return;
    }
  }

  /** Asks one node for all there is, before it hears of anything that it missed. */
  askAll(node: SimulatedNode): void {
    if (!node.ready || !this.#world.happens('client: query all')) return;
    for (const id of this.ids) this.#query(node, id);
  }

  /** Gives those who wait for messages one that they may wait for, and lets held ones go on. */
  feed(open: readonly RunHistory[]): void {
    const [node] = this.#world.ready;
    if (!node) return;
    // A node that has little room takes those who come first: not always the same ones.
    for (const { row } of this.#seed.shuffled(open)) {
      if (row.held) this.#retry(node, row.id);
      const { fed } = decode(row.input!) as { readonly fed: boolean };
      if (!fed || row.held) continue;
      const name = this.#seed.pick([...AWAITED, 'bump'] as const);
      if (name === 'bump') this.#send(node, this.#message(node, 'update', row.id, name, { by: 1 }));
      else this.#signal(node, row.id, name);
    }
  }

  #start(node: SimulatedNode, id: string): void {
    const seed = this.#seed;
    const known = this.#requests.get(id);
    const drawn = drawProgram(seed, this.ids, this.#isTalkative);
    const workflow = seed.chance(0.15) ? hurried : seed.chance(0.2) ? stubborn : steady;
    const program = workflow === stubborn ? withFailures(drawn, seed) : drawn;
    const key = seed.chance(0.4) ? `key-${id}-${seed.below(3)}` : null;
    const request: StartRequest =
      known && seed.chance(0.3)
        ? known
        : {
            namespace: NAMESPACE,
            id,
            ...startOf(workflow),
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
        this.#saw(id, started.runId);
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
      ['ALREADY_RUNNING', 'ALREADY_EXISTS', 'OVERLOADED', 'UNKNOWN_WORKFLOW'],
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
    const newest = this.#newest.get(id) ?? 0;
    this.#note(`query ${id}`);
    this.#hear(
      node.to(NAMESPACE, id).query(NAMESPACE, id, 'state', encode(undefined)),
      payload => {
        const seen = decode(payload) as Seen;
        this.#note(`saw ${JSON.stringify(seen)}`);
        const known = before.get(seen.runId);
        if (this.#saw(id, seen.runId) < newest)
          throw new Violation('output-commit', `A query of "${id}" saw a run after a newer one had been shown.`);
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
      ['NOT_FOUND', 'UNKNOWN_WORKFLOW'],
    );
  }

  /** Somebody was told of a run of the id: which one of its runs that is. */
  #saw(id: string, runId: string): number {
    const place = this.#laws.histories.ofId(NAMESPACE, id).findIndex(({ row }) => row.runId === runId);
    if (place > (this.#newest.get(id) ?? 0)) this.#newest.set(id, place);
    return place;
  }

  #retry(node: SimulatedNode, id: string): void {
    this.#hear(node.to(NAMESPACE, id).retry(NAMESPACE, id), () => undefined, `retry ${id}`, [
      'NOT_FOUND',
      'NOT_RETRYABLE',
      'CLOSED',
      'UNKNOWN_WORKFLOW',
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
    assertAllTaken(this.sent, NAMESPACE, this.#laws, this.#world.store.exclusive);
  }
}

const ACTS = [
  [0.25, 'start'],
  [0.5, 'signal'],
  [0.65, 'update'],
  [0.85, 'query'],
  [0.9, 'again'],
  [0.93, 'cancel'],
  [0.94, 'terminate'],
  [0.97, 'retry'],
] as const;

/** @param drawn 0 to below 1 */
function actOf(drawn: number) {
  return ACTS.find(([below]) => drawn < below)?.[1] ?? 'nothing';
}

/** As from a door that has the workflow: an owner of the first build may lack it. */
function startOf({ name, version, timeoutMs, runTimeoutMs }: AnyWorkflowReference) {
  return { workflow: name, definition: { version, timeoutMs, runTimeoutMs } };
}
