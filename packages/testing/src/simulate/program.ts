import type { Seed } from '../world/seed.ts';

/** The signals that programs wait for; `note` has a handler instead. */
export const AWAITED = ['red', 'blue'] as const;
export type Awaited = (typeof AWAITED)[number];

/** One thing that a drawn workflow does. Durations are milliseconds, `n` makes results tell each other apart. */
export type Op =
  | { readonly op: 'flaky'; readonly n: number; readonly failures: number; readonly workMs: number }
  | { readonly op: 'step'; readonly n: number; readonly workMs: number }
  | { readonly op: 'shared'; readonly n: number }
  | { readonly op: 'once'; readonly n: number; readonly workMs: number }
  | { readonly op: 'typed'; readonly n: number }
  | { readonly op: 'must'; readonly n: number; readonly failures: number }
  | { readonly op: 'hang'; readonly n: number; readonly timeoutMs: number }
  | { readonly op: 'beat'; readonly n: number; readonly beats: number }
  | { readonly op: 'sleep'; readonly ms: number }
  | { readonly op: 'sleepUntil'; readonly ms: number }
  | { readonly op: 'wait'; readonly names: readonly Awaited[]; readonly ms: number; readonly orElse: boolean }
  | { readonly op: 'waitForever'; readonly name: Awaited }
  | { readonly op: 'signals'; readonly name: Awaited; readonly count: number }
  | { readonly op: 'condition'; readonly more: number; readonly ms: number }
  | { readonly op: 'conditionForever'; readonly more: number }
  | {
      readonly op: 'race' | 'promiseRace' | 'any' | 'all' | 'gather' | 'settle';
      readonly parts: readonly (readonly Op[])[];
    }
  | { readonly op: 'map'; readonly items: number; readonly concurrency: number; readonly body: readonly Op[] }
  | { readonly op: 'scope'; readonly ms: number | null; readonly body: readonly Op[] }
  | { readonly op: 'cancelled'; readonly afterMs: number; readonly body: readonly Op[] }
  | { readonly op: 'shielded'; readonly body: readonly Op[] }
  | { readonly op: 'generator'; readonly n: number; readonly count: number }
  | { readonly op: 'random' }
  | { readonly op: 'show'; readonly text: string }
  | { readonly op: 'send'; readonly to: string; readonly name: Awaited | 'note'; readonly n: number }
  | { readonly op: 'stray'; readonly n: number }
  | {
      readonly op: 'talk';
      readonly to: string;
      readonly name: Awaited | 'note';
      readonly count: number;
      readonly everyMs: number;
    };

/** What an execution runs: a drawn program, over some runs. */
export interface Program {
  readonly ops: readonly Op[];
  /** Runs that follow by continue-as-new. */
  readonly rounds: number;
  /** Something stays open when it continues as new. */
  readonly leavesOpen: boolean;
  /** Updates are handled one at a time. */
  readonly serial: boolean;
  /** How long an update's handler works; null: it answers at once. */
  readonly updateMs: number | null;
  /** It waits for messages without a timeout: somebody has to send them. */
  readonly fed: boolean;
}

/** Attempts of what `must` do, until its execution is held. */
export const MUST_ATTEMPTS = 2;

const SIMPLE = [
  'flaky',
  'step',
  'step',
  'shared',
  'once',
  'typed',
  'hang',
  'beat',
  'sleep',
  'sleep',
  'sleepUntil',
  'wait',
  'wait',
  'condition',
  'random',
  'show',
  'send',
  'generator',
  'stray',
  'talk',
] as const;
const NESTING = [
  'race',
  'promiseRace',
  'any',
  'all',
  'gather',
  'settle',
  'map',
  'scope',
  'cancelled',
  'shielded',
] as const;
const FED = ['waitForever', 'signals', 'conditionForever'] as const;

/** Puts tasks that fail more often than they have attempts between the others: what they fail is held. */
export function withFailures(program: Program, seed: Seed): Program {
  const ops = [...program.ops];
  for (let left = seed.between(1, 2); left > 0; left--) {
    const must = { op: 'must', n: 1_000 + left, failures: seed.between(1, 2 * MUST_ATTEMPTS) } as const;
    ops.splice(seed.between(0, ops.length), 0, must);
  }
  return { ...program, ops };
}

/** Draws a program; `others` are the ids it may signal, one that is talkative does little else. */
export function drawProgram(seed: Seed, others: readonly string[], isTalkative = false): Program {
  const fed = seed.chance(0.4);
  let n = 0;
  const draw = (depth: number): Op => {
    n++;
    if (fed && seed.chance(0.2)) return drawFed(seed);
    if (depth > 0 && seed.chance(0.35)) return drawNesting(seed, () => list(depth - 1, 2));
    return drawSimple(seed, isTalkative && seed.chance(0.5) ? 'talk' : seed.pick(SIMPLE), n, others);
  };
  const list = (depth: number, most: number): Op[] => Array.from({ length: seed.between(1, most) }, () => draw(depth));
  return {
    ops: list(2, 5),
    rounds: seed.chance(0.25) ? seed.between(1, 2) : 0,
    leavesOpen: seed.chance(0.5),
    serial: seed.chance(0.5),
    updateMs: seed.chance(0.5) ? seed.between(0, 500) : null,
    fed,
  };
}

function drawSimple(seed: Seed, op: (typeof SIMPLE)[number], n: number, others: readonly string[]): Op {
  const ms = () => seed.pick([0, 1, 5, 20, 100, 1_000, 20_000]);
  switch (op) {
    case 'flaky':
      return { op, n, failures: seed.between(0, 2), workMs: ms() };
    case 'step':
    case 'once':
      return { op, n, workMs: ms() };
    case 'shared':
    case 'typed':
    case 'stray':
      return { op, n };
    case 'hang':
      return { op, n, timeoutMs: seed.between(1, 2_000) };
    case 'beat':
      return { op, n, beats: seed.between(0, 3) };
    case 'sleep':
    case 'sleepUntil':
      return { op, ms: ms() + seed.between(0, 3) };
    case 'wait':
      return { op, names: seed.pick([['red'], ['blue'], ['red', 'blue']]), ms: ms(), orElse: seed.chance(0.5) };
    case 'condition':
      return { op, more: seed.between(1, 2), ms: ms() };
    case 'random':
      return { op };
    case 'show':
      return { op, text: `part ${n}` };
    case 'send':
      return { op, to: seed.pick(others), name: seed.pick([...AWAITED, 'note']), n };
    case 'generator':
      return { op, n, count: seed.between(1, 3) };
    case 'talk': {
      const name = seed.pick([...AWAITED, 'note', 'note'] as const);
      return { op, to: seed.pick(others), name, count: seed.between(4, 20), everyMs: seed.pick([0, 10, 100, 500]) };
    }
  }
}

function drawNesting(seed: Seed, body: () => readonly Op[]): Op {
  const op = seed.pick(NESTING);
  switch (op) {
    case 'race':
    case 'promiseRace':
    case 'any':
    case 'all':
    case 'gather':
    case 'settle':
      return { op, parts: Array.from({ length: seed.between(2, 3) }, body) };
    case 'map':
      return { op, items: seed.between(0, 4), concurrency: seed.between(1, 3), body: body() };
    case 'scope':
      return { op, ms: seed.chance(0.6) ? seed.pick([0, 10, 1_000]) : null, body: body() };
    case 'cancelled':
      return { op, afterMs: seed.pick([0, 3, 50]), body: body() };
    case 'shielded':
      return { op, body: body() };
  }
}

function drawFed(seed: Seed): Op {
  const op = seed.pick(FED);
  switch (op) {
    case 'waitForever':
      return { op, name: seed.pick(AWAITED) };
    case 'signals':
      return { op, name: seed.pick(AWAITED), count: seed.between(1, 3) };
    case 'conditionForever':
      return { op, more: seed.between(1, 2) };
  }
}
