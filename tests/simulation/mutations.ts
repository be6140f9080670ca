/** A fault that somebody might put into the engine: text that stands in a source once, and what takes its place. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

const ENGINE = 'packages/actor-core/src';

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'output commit left out',
    edits: [
      {
        file: `${ENGINE}/engine/turns.ts`,
        from: '  actor.committing = true;\n  const settled',
        to: '  releaseTurn(parts, actor, turn);\n  turn.effects = [];\n  actor.committing = true;\n  const settled',
      },
    ],
  },
  {
    name: 'wakeAt rule left out',
    edits: [
      {
        file: `${ENGINE}/engine/turn-write.ts`,
        from: '  return state.inHand > 0 || !state.begun ? 0 : state.nextDue();',
        to: '  return state.nextDue();',
      },
      {
        file: `${ENGINE}/engine/turn-write.ts`,
        from: '  if (state.inHand > 0) return 0;\n',
        to: '',
      },
    ],
  },
  {
    name: 'unknown outcome taken for failure',
    edits: [
      {
        file: `${ENGINE}/engine/committer.ts`,
        from: '        const refused = error instanceof StoreRefusedError;\n',
        to:
          '        const refused = error instanceof StoreRefusedError;\n' +
          "        if (!refused) return this.#answered(writes, writes.map(() => ({ kind: 'conflict' })));\n",
      },
    ],
  },
  {
    name: 'messages drained together',
    edits: [
      {
        file: `${ENGINE}/engine/ticker.ts`,
        from: '    for (const count of counts) for (let i = 0; i < count; i++) this.#clock.hop(next);',
        to:
          '    for (const count of counts) {\n' +
          '      if (count > 0) this.#clock.hop(() => {\n        for (let i = 0; i < count; i++) next();\n      });\n    }',
      },
    ],
  },
  {
    name: 'live values not decoded',
    edits: [
      {
        file: `${ENGINE}/task/attempt.ts`,
        from: "    this.#settle({ kind: 'task-done',",
        to: "    LIVE.set(result, value);\n    this.#settle({ kind: 'task-done',",
      },
      {
        file: `${ENGINE}/task/attempt.ts`,
        from: 'const FINAL_CODES',
        to: 'export const LIVE = new WeakMap<Payload, unknown>();\n\nconst FINAL_CODES',
      },
      {
        file: `${ENGINE}/state/receive/task-result.ts`,
        from: '  task.settler.resolve(decode(message.result));',
        to: '  task.settler.resolve(LIVE.has(message.result) ? LIVE.get(message.result) : decode(message.result));',
      },
      {
        file: `${ENGINE}/state/receive/task-result.ts`,
        from: "import { clearCrashes, type TaskPending } from '../pending.ts';",
        to: "import { clearCrashes, type TaskPending } from '../pending.ts';\nimport { LIVE } from '../../task/attempt.ts';",
      },
    ],
  },
  {
    name: 'failures forgotten when a retry goes on',
    edits: [
      {
        file: `${ENGINE}/state/receive/crash.ts`,
        from: '  for (const n of again) {',
        to: '  for (const n of again.slice(0, 0)) {',
      },
    ],
  },
  {
    name: 'timer lost at passivation',
    edits: [
      {
        file: `${ENGINE}/engine/idle-rows.ts`,
        from: '  const wakeAt = wakeAtOf(actor.state);',
        to: '  const known = wakeAtOf(actor.state);\n  const wakeAt = leave && known !== 0 ? null : known;',
      },
    ],
  },
];

const CLUSTER = 'packages/cluster/src';
const MEMORY = 'packages/storage/src/memory/commit.ts';
const FENCE = "  if (!owns(tables.shards[actor.shard], actor.epoch, batch.incarnation)) return { kind: 'fenced' };\n";

/** Faults in what several nodes do together. */
export const CLUSTER_MUTATIONS: readonly Mutation[] = [
  { name: 'fence left out', edits: [{ file: MEMORY, from: FENCE, to: '' }] },
  {
    name: 'fence checked outside the statement',
    edits: [
      { file: MEMORY, from: FENCE, to: '' },
      {
        file: 'packages/testing/src/world/store-faults.ts',
        from: "    return this.#call('commit', describeBatch(batch), true, async () => {\n      const verdicts = await this.#store.commit(batch);\n",
        to:
          '    const seen = this.#store.shards();\n' +
          "    return this.#call('commit', describeBatch(batch), true, async () => {\n" +
          '      const rows = await seen;\n' +
          '      const isFenced = batch.actors.some(({ shard, epoch }) =>\n' +
          '        rows.some(row => row.shard === shard && (row.owner !== batch.incarnation || row.epoch !== epoch)));\n' +
          "      if (isFenced) return batch.actors.map(() => ({ kind: 'fenced' }) as const);\n" +
          '      const verdicts = await this.#store.commit(batch);\n',
      },
    ],
  },
  {
    name: 'message taken without deleting its row',
    edits: [{ file: MEMORY, from: '  for (const key of actor.takes ?? []) tables.inbox.remove(key);\n', to: '' }],
  },
  {
    name: 'a gap on a link ignored',
    edits: [
      {
        file: `${CLUSTER}/routing/links.ts`,
        from: '    if (number === link.last + 1) {\n      link.last = number;\n      return',
        to: '    if (number > link.last) {\n      link.last = number;\n      return',
      },
    ],
  },
  {
    name: 'stale query answered',
    edits: [
      {
        file: `${CLUSTER}/shards/ownership.ts`,
        from: '    return this.#owned.has(shard) && (lease.isUnbounded || lease.holds(clock.elapsed()));',
        to: '    return this.#owned.has(shard) && (lease || clock) !== null;',
      },
    ],
  },
  {
    name: 'hand-over list ignored',
    edits: [
      {
        file: `${CLUSTER}/shards/ownership.ts`,
        from: 'decodeHandOver(acquired.handOver)',
        to: 'decodeHandOver(acquired.handOver).slice(0, 0)',
      },
    ],
  },
  {
    name: 'inbox not read when a shard is taken',
    edits: [
      {
        file: `${CLUSTER}/shards/takeover.ts`,
        from: '  await scanInbox(store, waker, persistence, shards);\n',
        to: '',
      },
      { file: `${CLUSTER}/node-incarnation.ts`, from: '[() => watch.look()]', to: '[]' },
    ],
  },
  {
    name: 'inbox read before subscribing',
    edits: [
      {
        file: `${CLUSTER}/node-incarnation.ts`,
        from: '      willTake: rows => this.#deaths.learn(rows),\n',
        to:
          '      willTake: async rows => {\n' +
          '        const shards = rows.map(({ shard }) => ({ shard }));\n' +
          '        this.#takeovers.early = store.exclusive ? [] : await store.inbox(shards, 1_000);\n' +
          '        await this.#deaths.learn(rows);\n' +
          '      },\n',
      },
      {
        file: `${CLUSTER}/shards/takeover.ts`,
        from: 'await takeOver(this.#options, some);',
        to: 'await takeOver({ ...this.#options, early: this.early ?? [] }, some);',
      },
      {
        file: `${CLUSTER}/shards/takeover.ts`,
        from: '  await scanInbox(store, waker, persistence, shards);\n',
        to: '  await waker.wake([...new Set(options.early.map(row => row.receiver))]);\n',
      },
      { file: `${CLUSTER}/node-incarnation.ts`, from: '[() => watch.look()]', to: '[]' },
    ],
  },
  {
    name: 'link numbers kept over an epoch',
    edits: [
      {
        file: `${CLUSTER}/routing/links.ts`,
        from: '    if (link && link.fromEpoch === name.fromEpoch && link.toEpoch === name.toEpoch) return ++link.last;',
        to: '    if (link) return ++link.last;',
      },
      {
        file: `${CLUSTER}/routing/links.ts`,
        from: '    if (!link || link.fromEpoch < name.fromEpoch || link.toEpoch < name.toEpoch) {',
        to: '    if (!link) {',
      },
      {
        file: `${CLUSTER}/routing/links.ts`,
        from: '  return a.fromEpoch === b.fromEpoch && a.toEpoch === b.toEpoch;',
        to: '  return a.from === b.from;',
      },
    ],
  },
  {
    name: 'a message that was stored for another node counted as accepted before it is taken',
    edits: [
      {
        file: `${CLUSTER}/routing/stored-messages.ts`,
        from: '    await this.#untilTaken({ ...inboxKeyOf(row), accepted }, id);\n    await',
        to: '    if (accepted) return;\n    await',
      },
    ],
  },
];

/** The text with the edit made. Throws where what it replaces does not stand there exactly once. */
export function edited(text: string, { from, to, file }: Mutation['edits'][number]): string {
  const at = text.indexOf(from);
  if (at === -1 || text.includes(from, at + 1)) {
    throw new Error(`${file} does not have exactly once what a mutation replaces:\n${from}`);
  }
  return text.slice(0, at) + to + text.slice(at + from.length);
}
