import type { LandedTurn } from './history.ts';
import { Violation } from './violation.ts';

/** Timers ring never early, and late only while nobody could have rung them. */
export class Timers {
  /** Since when nothing disturbs; null: something does. */
  calmSince: number | null = null;
  readonly #now: () => number;
  readonly #highestClock: () => number;
  readonly #lateMs: number;

  constructor(now: () => number, highestClock: () => number, lateMs: number) {
    this.#now = now;
    this.#highestClock = highestClock;
    this.#lateMs = lateMs;
  }

  landed({ run, turn }: LandedTurn): void {
    const before = run.commands.length - turn.commands.length;
    for (const message of turn.messages) {
      if (message.kind !== 'timer') continue;
      const command = run.commands[message.command - 1];
      const due = command && 'due' in command ? command.due : null;
      if (due === null)
        throw new Violation('timers', `Command ${message.command} of ${run.row.runId} rang and has no due time.`);
      if (message.at < due) throw new Violation('timers', `A timer due at ${due} has time ${message.at}.`);
      if (this.#highestClock() < due) {
        throw new Violation('timers', `A timer due at ${due} rang when no clock was past ${this.#highestClock()}.`);
      }
      const armed = message.command <= before && this.calmSince !== null && due > this.calmSince + this.#lateMs;
      if (armed && this.#now() > due + this.#lateMs) {
        throw new Violation('timers', `A timer due at ${due} rang at ${this.#now()}, and nothing was in its way.`);
      }
    }
  }
}
