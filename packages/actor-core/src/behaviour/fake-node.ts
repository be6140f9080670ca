import { newCoroutine } from '../engine/birth.ts';
import { Engine } from '../engine/engine.ts';
import type { EngineOptions, Started, StartRequest } from '../engine/options.ts';
import type { RunRow } from '../execution/execution.ts';
import { isOpen } from '../execution/status.ts';
import type { Eid, Incarnation, MessageId, ShardId } from '../ids/ids.ts';
import { decodeTurn } from '../journal/record.ts';
import { joinRows } from '../journal/snapshot.ts';
import type { Turn } from '../journal/turn.ts';
import { decode } from '../payload/decode.ts';
import { encode } from '../payload/encode.ts';
import { decodeError } from '../payload/error-payload.ts';
import { FakeClock } from '../ports/fake-clock.ts';
import { FakeStore } from '../ports/store/fake-store.ts';
import { replay } from '../replay/replay.ts';
import { SeededRandom } from '../seeded-random.ts';
import { WorkflowRegistry } from '../workflow/registry.ts';
import type { AnyWorkflow } from '../workflow/workflow.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Outcome {
  readonly status: RunRow['status'];
  readonly value?: unknown;
  readonly error?: Error;
}

const SHARD = 0 as ShardId;
const NAMESPACE = 'default';

/** A node of one engine on fake ports: what the core's own tests drive. */
export class FakeNode {
  readonly clock = new FakeClock();
  readonly store = new FakeStore();
  readonly lines: LogLine[] = [];
  /** The actor is read back from its journal before each message that comes from outside. */
  readsBack = false;
  serves = true;
  workflows: readonly AnyWorkflow[];
  engine: Engine;
  readonly #more: Partial<EngineOptions>;
  readonly #random = new SeededRandom(1);
  #nodes = 0;
  #messages = 0;

  constructor(workflows: readonly AnyWorkflow[], more: Partial<EngineOptions> = {}) {
    this.workflows = workflows;
    this.#more = more;
    this.engine = this.#boot();
  }

  #boot(): Engine {
    const registry = new WorkflowRegistry();
    for (const workflow of this.workflows) registry.register(workflow);
    const engine: Engine = new Engine({
      store: this.store,
      clock: this.clock,
      chance: { random: () => this.#random.next(), uuid: () => this.#random.uuid() },
      log: { write: (level, message, fields = {}) => this.lines.push({ level, message, fields }) },
      deps: { mailer: 'mailer' },
      workflows: registry,
      incarnation: `node-${this.#nodes}` as Incarnation,
      ordinal: ++this.#nodes,
      build: `build-${this.#nodes}`,
      shards: 1,
      serves: () => this.serves,
      deliver: rows => {
        for (const row of rows) {
          const { id } = this.store.runs.get(row.receiver)!.run;
          engine.receive(row, NAMESPACE, id);
        }
      },
      fenced: () => undefined,
      dueScanned: () => this.clock.now(),
      passivated: wakeAt => void this.clock.setTimer(wakeAt, () => this.#wakeAll({ crashed: false, retry: false })),
      ...this.#more,
    });
    engine.own(SHARD, this.store.epoch, 0);
    void engine.countOpen([SHARD]);
    return engine;
  }

  #wakeAll(reason: { crashed: boolean; retry: boolean }): void {
    for (const { run } of this.store.runs.values()) {
      if (!isOpen(run.status) || run.wakeAt === null || (run.held && !reason.retry)) continue;
      void this.engine.wake(run.namespace, run.id, run.eid, { ...reason, crashed: reason.crashed && run.wakeAt === 0 });
    }
  }

  /** The process dies; another one takes over. `crashed` false: as if the former had released its shards. */
  async restart({ crashed = false, heals = false, workflows = this.workflows } = {}): Promise<void> {
    this.engine.kill();
    this.workflows = workflows;
    this.engine = this.#boot();
    this.#wakeAll({ crashed, retry: heals });
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.clock.settle();
  }

  async advance(ms: number): Promise<void> {
    await this.#between();
    await this.clock.advance(ms);
  }

  async #between(): Promise<void> {
    await this.settle();
    if (this.readsBack) await this.restart();
  }

  messageId(): MessageId {
    return `message-${++this.#messages}` as MessageId;
  }

  async start(
    workflow: string,
    input?: unknown,
    more: Partial<StartRequest> & { readonly id?: string } = {},
  ): Promise<Started> {
    const started = await this.engine.start(this.startRequest(workflow, input, more));
    await this.settle();
    return started;
  }

  startRequest(workflow: string, input?: unknown, more: Partial<StartRequest> = {}): StartRequest {
    return {
      namespace: NAMESPACE,
      id: 'a',
      workflow,
      version: undefined,
      input: encode(input, 'input'),
      attributes: null,
      headers: null,
      onConflict: 'fail',
      reuse: 'always',
      idempotency: null,
      startedBy: null,
      ...more,
    };
  }

  async signal(name: string, value?: unknown, { id = 'a', messageId = this.messageId() } = {}): Promise<void> {
    await this.#between();
    await this.engine.signal(NAMESPACE, id, name, encode(value, 'payload'), messageId);
    await this.settle();
  }

  async query(name: string, input?: unknown, { id = 'a', atTurn }: { id?: string; atTurn?: number } = {}) {
    await this.#between();
    return decode(await this.engine.query(NAMESPACE, id, name, encode(input, 'input'), atTurn));
  }

  /** The outcome is awaited by the caller, the arrival here. */
  async sendUpdate(name: string, input?: unknown, { id = 'a', messageId = this.messageId() } = {}) {
    await this.#between();
    const ask = () => this.engine.update(NAMESPACE, id, name, encode(input, 'input'), messageId).then(decode);
    const outcome = this.readsBack ? this.#askAgain(ask) : ask();
    outcome.catch(() => undefined);
    await this.settle();
    return { outcome };
  }

  async update(name: string, input?: unknown, more: { id?: string; messageId?: MessageId } = {}): Promise<unknown> {
    return (await this.sendUpdate(name, input, more)).outcome;
  }

  /** As a client does whose node went away: the same message to the next one. */
  async #askAgain(ask: () => Promise<unknown>): Promise<unknown> {
    for (;;) {
      const { engine } = this;
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'UNAVAILABLE') || engine === this.engine) {
          throw error;
        }
      }
    }
  }

  async cancel(reason: string | null = null, id = 'a'): Promise<void> {
    await this.#between();
    await this.engine.cancel(NAMESPACE, id, reason, this.messageId());
    await this.settle();
  }

  async terminate(reason: string | null = null, id = 'a'): Promise<void> {
    await this.#between();
    await this.engine.terminate(NAMESPACE, id, reason, this.messageId());
    await this.settle();
  }

  async retry(from?: 'failure' | 'start', id = 'a'): Promise<string> {
    await this.#between();
    const { runId } = await this.engine.retry(NAMESPACE, id, from);
    await this.settle();
    if (this.readsBack) await this.restart();
    return runId;
  }

  row(id = 'a'): RunRow {
    const row = this.store.row(NAMESPACE, id);
    if (!row) throw new Error(`no execution ${id}`);
    return row;
  }

  /** How the newest run stands in the store. */
  outcome(id = 'a'): Outcome {
    const { status, output } = this.row(id);
    if (!output) return { status };
    return status === 'completed' ? { status, value: decode(output) } : { status, error: decodeError(output) };
  }

  /** The stored journal of the newest run, or of one of them. */
  turns(id = 'a', eid: Eid = this.row(id).eid): Turn[] {
    const { journal, snapshots } = this.store.runs.get(eid)!;
    return joinRows(journal, snapshots).map(row => decodeTurn(row.seq, row.turn));
  }

  commands(id = 'a'): string[] {
    return this.turns(id).flatMap(turn => turn.commands.map(command => command.kind));
  }

  journalBytes(id = 'a'): Uint8Array[] {
    return this.store.runs.get(this.row(id).eid)!.journal.map(row => row.turn);
  }

  /** Replays every stored run: each must ask for its commands again and come to the same end. */
  async replayAll(): Promise<number> {
    let replayed = 0;
    for (const { run } of this.store.runs.values()) {
      const workflow = this.workflows.find(each => each.name === run.workflow && each.version === run.version);
      if (!workflow || run.held) continue;
      const log = { write: () => undefined };
      const coroutine = newCoroutine({ clock: this.clock, log }, run, workflow);
      await replay(coroutine, this.turns(run.id, run.eid), this.clock, workflow.cleanupTimeoutMs);
      const { ending } = coroutine.state;
      if ((ending?.status ?? 'running') !== run.status) {
        throw new Error(`replay of ${run.id} came to ${ending?.status}, the store has ${run.status}`);
      }
      if (ending && 'output' in ending && run.output && !sameOutput(ending.output, run.output)) {
        throw new Error(`replay of ${run.id} came to another output`);
      }
      replayed++;
    }
    return replayed;
  }
}

/** Stacks of errors may differ between two instances of the same code. */
function sameOutput(a: Uint8Array, b: Uint8Array): boolean {
  const plain = (bytes: Uint8Array) => {
    const value: unknown = decode(bytes as Parameters<typeof decode>[0]);
    return JSON.stringify(value, (key, each: unknown) =>
      key === 'stack' ? undefined : typeof each === 'bigint' ? String(each) : each,
    );
  };
  return plain(a) === plain(b);
}
