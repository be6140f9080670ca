import {
  DfnsError,
  type AnySignal,
  type Deps,
  type Duration,
  type InputOf,
  type OutputOf,
  type WorkflowDefinition,
} from '@dfnsjs/actor-core';
import type { CommitBatch, CommitVerdict } from '@dfnsjs/actor-core/ports';
import { describeCommand, decodeTurn, encode, joinRows, type Turn } from '@dfnsjs/actor-core/records';
import type { Middleware } from '@dfnsjs/client';
import { MemoryStore } from '@dfnsjs/storage/memory';
import type { AnyMock } from './mocks/task.ts';
import { TestCluster } from './test-cluster.ts';

/** A signal that the execution is sent. */
export interface SentSignal {
  readonly signal: AnySignal;
  readonly payload?: unknown;
  /** After the one before, or after the start. Default 0. */
  readonly after?: Duration;
}

/** What the execution meets in each of its lives. */
export interface VerifyOptions {
  readonly deps?: Deps | undefined;
  /** What stands in for tasks and steps; it must answer the same in each life. */
  readonly mocks?: readonly AnyMock[] | undefined;
  /** As of the node that runs it: around workflows it is part of what is verified. */
  readonly middleware?: readonly Middleware[] | undefined;
  /** Files that export tasks with `thread: true`. */
  readonly files?: readonly string[] | undefined;
  /** Messages that wait for the execution; a signal beyond is OVERLOADED. Default 10,000. */
  readonly mailbox?: number | undefined;
  readonly signals?: readonly SentSignal[] | undefined;
  /** Of everything left to chance. Default 1. */
  readonly seed?: number | undefined;
  /** Boundaries that are tried, spread over all there are. Default: every one. */
  readonly boundaries?: number | undefined;
}

type AnyDefinition = WorkflowDefinition<never, unknown, unknown>;

/** What an execution did, in one life. */
interface Life {
  readonly outcome: PromiseSettledResult<unknown>;
  /** Of all its runs, oldest first. */
  readonly runs: readonly (readonly Turn[])[];
  readonly turns: number;
}

/**
 * Runs the workflow once as it is, and then once for every boundary between two of its messages, at which its actor is
 * lost and read back from its journal. Throws NON_DETERMINISM at the first difference in what the workflow asked for or
 * came to, and says at which message, and what came before; resolves with its result, or rejects with its error. Task
 * bodies run anew in each life: they must answer the same. Rejects with STUCK where the workflow waits for a signal that
 * `signals` does not have.
 *
 * ```ts
 * t.is(await verifyDurable(order, input, { signals: [{ signal: approval, payload: true, after: '1h' }] }), 'shipped');
 * ```
 */
export async function verifyDurable<Workflow extends AnyDefinition>(
  workflow: Workflow,
  input: InputOf<Workflow>,
  options: VerifyOptions = {},
): Promise<OutputOf<Workflow>> {
  const plain = await live(workflow, input, options, 0);
  const { outcome } = plain;
  // It would be as stuck at every boundary.
  if (outcome.status === 'rejected' && outcome.reason instanceof DfnsError && outcome.reason.code === 'STUCK') {
    throw outcome.reason;
  }
  const between = plain.turns - 1;
  const tried = Math.min(between, options.boundaries ?? between);
  for (let i = 1; i <= tried; i++) {
    const boundary = Math.ceil((i * between) / tried);
    compare(plain, await live(workflow, input, options, boundary), boundary);
  }
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value as OutputOf<Workflow>;
}

/** Says when so many turns have landed. */
class CountingStore extends MemoryStore {
  turns = 0;
  onTurn: ((turns: number) => void) | null = null;

  override async commit(batch: CommitBatch): Promise<readonly CommitVerdict[]> {
    const verdicts = await super.commit(batch);
    for (const [i, entry] of batch.actors.entries()) {
      if (entry.journal && verdicts[i]?.kind === 'done') this.onTurn?.(++this.turns);
    }
    return verdicts;
  }
}

async function live(workflow: AnyDefinition, input: unknown, options: VerifyOptions, boundary: number): Promise<Life> {
  let store: CountingStore | undefined;
  let stuck: ((error: unknown) => void) | undefined;
  const held = new Promise<never>((_, reject) => {
    stuck = reject;
  });
  held.catch(() => undefined);
  const cluster = new TestCluster({
    workflows: [workflow],
    deps: options.deps,
    mocks: options.mocks,
    middleware: options.middleware,
    files: options.files,
    mailbox: options.mailbox,
    seed: options.seed,
    messagesPerTurn: 1,
    store: clock => (store = new CountingStore({ clock })),
    log: {
      write: (_, message, fields) => {
        if (message !== 'an execution is held') return;
        stuck?.(
          new DfnsError(
            'NON_DETERMINISM',
            `With a loss after message ${boundary}: ${String(fields?.['reason'])} ${ADVICE}`,
          ),
        );
      },
    },
  });
  let reading: Promise<void> | undefined;
  await cluster.start();
  store!.onTurn = turns => {
    if (turns === boundary) reading = cluster.readAnew().catch((error: unknown) => stuck?.(error));
  };
  const execution = async () => {
    const started = cluster.client.get(workflow, 'verified');
    await cluster.client.start(workflow.name, input, { id: started.id });
    const result = settled(untilServed(cluster, () => started.result()));
    for (const { signal, payload, after = 0 } of options.signals ?? []) {
      await cluster.sleep(after);
      await untilServed(cluster, () => cluster.client.get('verified').signal(signal, payload));
    }
    return result;
  };
  const outcome = await Promise.race([execution(), held]);
  await reading;
  const first = (await store!.current('default', 'verified'))!.first;
  const chain = await store!.chain(first);
  const loaded = await store!.load(chain.map(run => run.eid));
  const runs = loaded.map(each => joinRows(each!.journal, each!.snapshots).map(row => decodeTurn(row.seq, row.turn)));
  const { turns } = store!;
  await cluster.stop();
  return { outcome, runs, turns };
}

async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([promise]);
  return outcome;
}

/** While the actor is being read, its node serves nobody. */
async function untilServed<T>(cluster: TestCluster, call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof DfnsError) || error.code !== 'UNAVAILABLE') throw error;
      await cluster.settle();
    }
  }
}

function compare(plain: Life, other: Life, boundary: number): void {
  const [expected, got] = [flat(plain), flat(other)];
  const lost = `with a loss after ${messageAt(plain, boundary)}`;
  for (let i = 0; i < Math.max(expected.length, got.length); i++) {
    const [a, b] = [expected[i], got[i]];
    if (a?.what === b?.what) continue;
    const { run, turn, command } = (a ?? b)!;
    const before = expected.slice(Math.max(0, i - SHOWN_BEFORE), i).map(({ what }) => what);
    throw new DfnsError(
      'NON_DETERMINISM',
      `Run ${run}, turn ${turn}, command ${command}: undisturbed the workflow asked for ${a?.what ?? 'nothing'}, ` +
        `${lost} for ${b?.what ?? 'nothing'}. Before it: ${before.join(', ') || 'nothing'}. ${ADVICE}`,
      { details: { run, turn, command, boundary } },
    );
  }
  if (sameOutcome(plain.outcome, other.outcome)) return;
  throw new DfnsError(
    'NON_DETERMINISM',
    `Undisturbed the workflow came to ${shown(plain.outcome)}, ${lost} to ${shown(other.outcome)}. ${ADVICE}`,
    { details: { boundary } },
  );
}

/** Commands that a message shows before the one that differs. */
const SHOWN_BEFORE = 3;
const ADVICE =
  'Whatever decides it must come from the input, from ctx or from the result of a task; dfns/lint finds what does not.';

/** The message that was the last before the loss: each turn has one. */
function messageAt({ runs }: Life, boundary: number): string {
  const turns = runs.flatMap(each => each);
  const turn = turns[boundary - 1];
  const message = turn?.messages[0];
  if (!message) return `boundary ${boundary}`;
  return `message ${boundary} (${'name' in message ? `${message.kind} "${message.name}"` : message.kind})`;
}

function flat(life: Life) {
  return life.runs.flatMap((turns, run) => {
    let command = 0;
    return turns.flatMap(turn =>
      turn.commands.map(each => ({ run: run + 1, turn: turn.seq, command: ++command, what: described(each) })),
    );
  });
}

function described(command: Turn['commands'][number]): string {
  // Which update it is differs from life to life.
  return command.kind === 'answer' ? 'answer of an update' : describeCommand(command);
}

function sameOutcome(a: PromiseSettledResult<unknown>, b: PromiseSettledResult<unknown>): boolean {
  if (a.status === 'fulfilled' && b.status === 'fulfilled') {
    return Buffer.from(encode(a.value)).equals(encode(b.value));
  }
  return a.status === 'rejected' && b.status === 'rejected' && String(a.reason) === String(b.reason);
}

function shown(outcome: PromiseSettledResult<unknown>): string {
  if (outcome.status === 'rejected') return String(outcome.reason);
  const text = JSON.stringify(outcome.value, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  return (text ?? String(outcome.value)).slice(0, 200);
}
