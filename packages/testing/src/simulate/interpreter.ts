import { CancelledError, DfnsError, query, signal, update, workflow, type WorkflowContext } from '@dfnsjs/actor-core';
import { isNobody, mayThrow } from './may-throw.ts';
import type { Awaited, Op, Program } from './program.ts';
import { beating, benchOf, brittle, declining, flaky, hanging, once, work } from './tasks.ts';
import { crossed, richValue, sameValue } from './values.ts';

/** A signal as clients and programs send it. */
export interface Ping {
  /** Tells all signals apart. */
  readonly tag: string;
}

export const SIGNALS = {
  red: signal<'red', Ping>('red'),
  blue: signal<'blue', Ping>('blue'),
  note: signal<'note', Ping>('note'),
};
export const bump = update<'bump', { by: number }, number>('bump');
export const state = query<'state', void, Seen>('state');

/** What a query shows of a run. */
export interface Seen {
  readonly runId: string;
  readonly total: number;
  readonly logged: number;
}

/** What a program's execution comes to. */
export interface Report {
  readonly done: number;
  readonly log: readonly string[];
  /** What it saw that cannot be: always empty. */
  readonly wrong: readonly string[];
  /** Tags by signal, in the order they were taken. */
  readonly took: Readonly<Record<string, readonly string[]>>;
  readonly total: number;
}

export interface Input extends Program {
  readonly before: Report | null;
}

export const program = workflow(
  { name: 'program', signals: Object.values(SIGNALS), queries: [state], updates: [bump] },
  async (ctx, input: Input): Promise<Report> => new Interpreter(ctx, input).run(),
);

/** The same with little time: its executions may be cut off. */
export const hurried = workflow(
  {
    name: 'hurried',
    timeout: 30_000,
    cleanupTimeout: 2_000,
    signals: Object.values(SIGNALS),
    queries: [state],
    updates: [bump],
  },
  async (ctx, input: Input): Promise<Report> => new Interpreter(ctx, input).run(),
);

/** The same; what it cannot do holds it, until somebody lets it try again. */
export const stubborn = workflow(
  { name: 'stubborn', onError: 'hold', signals: Object.values(SIGNALS), queries: [state], updates: [bump] },
  async (ctx, input: Input): Promise<Report> => new Interpreter(ctx, input).run(),
);

type Ctx = WorkflowContext<Input>;

class Interpreter {
  readonly #ctx: Ctx;
  readonly #input: Input;
  readonly #log: string[] = [];
  readonly #wrong: string[];
  readonly #took: Record<string, string[]>;
  #total: number;
  /** The function returns: what it left standing is told so by ctx. */
  #over = false;
  #updating = 0;
  #done = 0;
  #lastNow = 0;

  constructor(ctx: Ctx, input: Input) {
    this.#ctx = ctx;
    this.#input = input;
    const { before } = input;
    this.#wrong = [...(before?.wrong ?? [])];
    this.#took = {};
    for (const name of Object.keys(SIGNALS)) this.#took[name] = [...(before?.took[name] ?? [])];
    this.#total = before?.total ?? 0;
  }

  async run(): Promise<Report> {
    const ctx = this.#ctx;
    const input = this.#input;
    ctx.on(state, () => ({ runId: ctx.info.runId, total: this.#total, logged: this.#log.length }));
    ctx.on(bump, ({ by }) => this.#bumped(by), {
      serial: input.serial,
      validate: ({ by }) => {
        if (by < 0) throw new RangeError('It only goes up.');
      },
    });
    ctx.on(SIGNALS.note, ping => {
      this.#take('note', ping);
    });
    for (const [i, op] of input.ops.entries()) {
      await this.#op(ctx, op, `${i}`);
      this.#done++;
    }
    // What the next run gets is settled when it is asked for; updates that still run would add to it.
    if (input.rounds > 0) await ctx.condition(() => this.#updating === 0);
    this.#over = true;
    const report = this.#report();
    if (input.rounds > 0) {
      if (input.leavesOpen) this.#leaveOpen(ctx);
      return ctx.continueAsNew({ ...input, rounds: input.rounds - 1, before: report });
    }
    return report;
  }

  #report(): Report {
    return { done: this.#done, log: this.#log, wrong: this.#wrong, took: this.#took, total: this.#total };
  }

  #leaveOpen(ctx: Ctx): void {
    void ctx.sleep(5);
    void ctx.step('left-open', t => work('left-open', t, 300, () => 1));
    void ctx.condition(() => false, { timeout: 50, else: null });
  }

  async #bumped(by: number): Promise<number> {
    this.#total += by;
    const { updateMs } = this.#input;
    if (updateMs === null) return this.#total;
    this.#updating++;
    try {
      await this.#ctx.step('bumping', t => work('bumping', t, updateMs, () => by));
    } finally {
      this.#updating--;
    }
    return this.#total;
  }

  #note(path: string, what: string): void {
    const now = this.#ctx.now();
    if (now < this.#lastNow) this.#wrong.push(`${path}: now went back`);
    this.#lastNow = now;
    this.#log.push(`${path} ${now} ${what}`);
  }

  #expect(holds: boolean, path: string, what: string): void {
    if (!holds) this.#wrong.push(`${path}: ${what}`);
  }

  #take(name: string, ping: Ping): void {
    this.#took[name]!.push(ping.tag);
  }

  async #all(ctx: Ctx, ops: readonly Op[], path: string): Promise<string> {
    for (const [i, op] of ops.entries()) await this.#op(ctx, op, `${path}.${i}`);
    return path;
  }

  /** Runs one op; what it throws is noted, and only cancellation and what must be done go on. */
  async #op(ctx: Ctx, op: Op, path: string): Promise<void> {
    try {
      const outcome = await this.#perform(ctx, op, path);
      this.#note(path, `${op.op} ${outcome}`);
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      this.#note(path, `${op.op} threw ${name}`);
      if (error instanceof CancelledError) throw error;
      if (op.op === 'must') throw error;
      if (this.#over && error instanceof DfnsError && error.code === 'CLOSED') throw error;
      this.#expect(mayThrow(op, error), path, `${op.op} threw ${name}: ${String(error)}`);
    }
  }

  async #perform(ctx: Ctx, op: Op, path: string): Promise<string> {
    switch (op.op) {
      case 'flaky': {
        const input = { n: op.n, workMs: op.workMs, failures: op.failures };
        const running = ctx.run(flaky, input);
        input.n = -1;
        const result = await running;
        this.#expect(result.n === op.n && sameValue(result.rich, crossed(richValue(op.n))), path, 'another result');
        this.#expect(result.rich['self'] === result.rich, path, 'a cycle was cut');
        result.rich['n'] = 'changed by the workflow';
        return `${result.n}`;
      }
      case 'step': {
        const result = await ctx.step(`step-${op.n}`, t => work(`step-${op.n}`, t, op.workMs, () => op.n * 2), {
          retry: { initial: 30 },
        });
        this.#expect(result === op.n * 2, path, 'another result');
        return `${result}`;
      }
      case 'shared': {
        const step = () => ctx.step('shared', t => work('shared', t, 0, () => benchOf(t).shared));
        const first = await step();
        first.list.push(op.n);
        const second = await step();
        return `${first.list.length} ${second.list.length} ${first === second}`;
      }
      case 'once':
        return `${await ctx.run(once, { n: op.n, workMs: op.workMs })}`;
      case 'must':
        return `${await ctx.run(brittle, { n: op.n, failures: op.failures })}`;
      case 'typed':
        return String(await ctx.run(declining, { n: op.n, workMs: 0 }));
      case 'hang':
        return await ctx.run(hanging, { n: op.n, workMs: 0 }, { timeout: Math.max(1, op.timeoutMs) });
      case 'beat':
        this.#expect((await ctx.run(beating, { n: op.n, beats: op.beats })) === op.n, path, 'another result');
        return 'beat';
      case 'sleep':
        await ctx.sleep(op.ms);
        return '';
      case 'sleepUntil': {
        const until = ctx.now() + op.ms;
        await ctx.sleepUntil(until);
        this.#expect(ctx.now() >= until, path, 'woke early');
        return '';
      }
      case 'wait':
        return this.#wait(ctx, op);
      case 'waitForever': {
        const ping = await ctx.waitForSignal(SIGNALS[op.name]);
        this.#take(op.name, ping);
        return ping.tag;
      }
      case 'signals':
        return this.#signals(ctx, op);
      case 'condition':
      case 'conditionForever': {
        const enough = this.#total + op.more;
        const holds = () => this.#total >= enough;
        if (op.op === 'conditionForever') return String(await ctx.condition(holds));
        const got = await ctx.condition(holds, { timeout: op.ms, else: 'late' as const });
        this.#expect(got === 'late' || holds(), path, 'the condition does not hold');
        return String(got);
      }
      case 'race': {
        const parts = Object.fromEntries(
          op.parts.map((part, i) => [`k${i}`, (c: Ctx) => this.#all(c, part, `${path}/${i}`)]),
        );
        const { key, value } = await ctx.race(parts);
        this.#expect(value === `${path}/${key.slice(1)}`, path, 'the value of another key');
        return key;
      }
      case 'promiseRace':
        return Promise.race(this.#parts(ctx, op.parts, path));
      case 'any':
        return Promise.any(this.#parts(ctx, op.parts, path));
      case 'all': {
        const all = await Promise.all(this.#parts(ctx, op.parts, path));
        this.#expect(
          all.every((each, i) => each === `${path}/${i}`),
          path,
          'out of order',
        );
        return '';
      }
      case 'gather': {
        const all = await ctx.gather(op.parts.map((part, i) => (c: Ctx) => this.#all(c, part, `${path}/${i}`)));
        this.#expect(
          all.every((each, i) => each === `${path}/${i}`),
          path,
          'out of order',
        );
        return '';
      }
      case 'settle': {
        const thunks = op.parts.map((part, i) => (c: Ctx) => this.#all(c, part, `${path}/${i}`));
        const all = await ctx.gather(thunks, { settle: true });
        return all.map(each => each.status).join(',');
      }
      case 'map': {
        const items = Array.from({ length: op.items }, (_, i) => i);
        const all = await ctx.map(
          items,
          async (item, index, c) => {
            this.#expect(item === index, path, 'another index');
            await this.#all(c, op.body, `${path}/${index}`);
            return item;
          },
          { concurrency: op.concurrency },
        );
        this.#expect(all.length === op.items && all.every((item, i) => item === i), path, 'out of order');
        return '';
      }
      case 'scope':
        return ctx.scope(c => this.#all(c, op.body, `${path}/`), op.ms === null ? {} : { timeout: Math.max(1, op.ms) });
      case 'cancelled':
        return this.#cancelled(ctx, op, path);
      case 'shielded':
        return ctx.shielded(c => this.#all(c, op.body, `${path}/`));
      case 'generator':
        return this.#generator(ctx, op, path);
      case 'random':
        return `${ctx.random()} ${ctx.uuid()}`;
      case 'show':
        ctx.setDetails(op.text);
        ctx.setAttributes({ last: op.text });
        ctx.log.info(op.text);
        return String(ctx.abortSignal.aborted);
      case 'send':
        await ctx.execution(op.to).signal(SIGNALS[op.name], { tag: `${ctx.info.runId} ${path}` });
        return 'sent';
      case 'talk':
        return this.#talk(ctx, op, path);
      case 'stray':
        void ctx.step('stray', t => work('stray', t, 40, () => op.n));
        return '';
    }
  }

  /** Tells another execution one thing after the other, whether or not it is there. */
  async #talk(ctx: Ctx, op: Extract<Op, { op: 'talk' }>, path: string): Promise<string> {
    let heard = 0;
    for (let i = 0; i < op.count; i++) {
      try {
        await ctx.execution(op.to).signal(SIGNALS[op.name], { tag: `${ctx.info.runId} ${path} ${i}` });
        heard++;
      } catch (error) {
        if (this.#over || !isNobody(error)) throw error;
      }
      if (op.everyMs > 0) await ctx.sleep(op.everyMs);
    }
    return `${heard} of ${op.count}`;
  }

  #parts(ctx: Ctx, parts: readonly (readonly Op[])[], path: string): Promise<string>[] {
    return parts.map((part, i) => this.#all(ctx, part, `${path}/${i}`));
  }

  async #wait(ctx: Ctx, op: Extract<Op, { op: 'wait' }>): Promise<string> {
    const signals = op.names.map(name => SIGNALS[name]);
    const got = op.orElse
      ? await ctx.waitForSignal(signals, { timeout: op.ms, else: null })
      : await ctx.waitForSignal(signals, { timeout: op.ms });
    if (!got) return 'nothing';
    this.#take(got.signal, got.payload);
    return `${got.signal} ${got.payload.tag}`;
  }

  async #signals(ctx: Ctx, op: { readonly name: Awaited; readonly count: number }): Promise<string> {
    let left = op.count;
    for await (const ping of ctx.signals(SIGNALS[op.name])) {
      this.#take(op.name, ping);
      if (--left === 0) break;
    }
    return `${op.count} of them`;
  }

  async #cancelled(ctx: Ctx, op: Extract<Op, { op: 'cancelled' }>, path: string): Promise<string> {
    const part = ctx.scope(async c => this.#all(c, op.body, `${path}/`));
    const outcome = part.then(
      () => 'in time',
      error => (error instanceof CancelledError ? 'cancelled' : 'failed'),
    );
    await ctx.sleep(op.afterMs);
    part.cancel('enough');
    return outcome;
  }

  async #generator(ctx: Ctx, op: { readonly n: number; readonly count: number }, path: string): Promise<string> {
    async function* items() {
      for (let i = 0; i < op.count; i++) {
        await ctx.sleep(i);
        yield await ctx.step(`item-${op.n}`, t => work(`item-${op.n}`, t, i, () => i));
      }
    }
    let next = 0;
    for await (const item of items()) this.#expect(item === next++, path, 'an item out of order');
    return `${next}`;
  }
}
