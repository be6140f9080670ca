import type { Command } from '../command/command.ts';
import type { RecordedCommands, Thrown } from '../context/issuer.ts';
import type { Turn } from '../journal/turn.ts';
import { nonDeterminism } from './difference.ts';

/** True where both ask for the same thing: kind and name. Inputs and times may differ. */
export function sameCommand(a: Command, b: Command): boolean {
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'task':
      return a.name === (b as typeof a).name && a.step === (b as typeof a).step;
    case 'wait': {
      const names = (b as typeof a).names;
      return a.names.length === names.length && a.names.every((name, i) => name === names[i]);
    }
    case 'send':
      return a.name === (b as typeof a).name && a.id === (b as typeof a).id;
    case 'answer':
      return a.id === (b as typeof a).id;
    case 'close':
      return a.status === (b as typeof a).status;
    case 'timer':
    case 'condition':
    case 'attributes':
    case 'details':
    case 'continue':
      return true;
  }
}

/** The commands of a history, handed out in order, turn by turn. */
export class History implements RecordedCommands {
  #turn: Turn | null = null;
  /** Commands before the turn. */
  #before = 0;

  /** The turn whose messages are applied next. */
  enter(turn: Turn): void {
    if (this.#turn) this.#before += this.#turn.commands.length;
    this.#turn = turn;
  }

  match(n: number, asked: Command, thrown: Thrown | null = null): Command {
    const known = this.at(n);
    if (!known || !sameCommand(known, asked)) {
      throw nonDeterminism(this.#turn?.seq ?? 0, n, known ?? null, asked, thrown);
    }
    return known;
  }

  at(n: number): Command | undefined {
    return this.#turn?.commands[n - this.#before - 1];
  }

  /** Throws where the turn's messages did not lead to all of its commands. */
  leave(issued: number, thrown: Thrown | null = null): void {
    const turn = this.#turn;
    if (!turn) return;
    const missing = turn.commands[issued - this.#before];
    if (missing) throw nonDeterminism(turn.seq, issued + 1, missing, null, thrown);
  }
}
