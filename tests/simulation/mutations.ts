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
        from: "import type { TaskPending } from '../pending.ts';",
        to: "import type { TaskPending } from '../pending.ts';\nimport { LIVE } from '../../task/attempt.ts';",
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

/** The text with the edit made. Throws where what it replaces does not stand there exactly once. */
export function edited(text: string, { from, to, file }: Mutation['edits'][number]): string {
  const at = text.indexOf(from);
  if (at === -1 || text.includes(from, at + 1)) {
    throw new Error(`${file} does not have exactly once what a mutation replaces:\n${from}`);
  }
  return text.slice(0, at) + to + text.slice(at + from.length);
}
