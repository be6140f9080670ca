import type { Io } from './io.ts';
import type { Held, Report } from './protocol.ts';
import { paintFor, printable, say } from './terminal.ts';

/**
 * Executions that the edited code no longer fits: on a terminal each is asked about, elsewhere a line says what can be
 * done. One that is left alone goes on by itself when code that fits is there again.
 */
export class Misfits {
  readonly #io: Io;
  readonly #startAgain: (id: string) => void;
  #waiting: Held[] = [];
  #asking: AbortController | undefined;
  #asked: string | undefined;
  #all = false;

  constructor(io: Io, startAgain: (id: string) => void) {
    this.#io = io;
    this.#startAgain = startAgain;
  }

  add(held: Held): void {
    const { id } = held;
    if (!this.#io.ask) {
      this.#tell(held);
      say(
        this.#io,
        `  Undo the edit and it goes on; or start it again: dfns terminate ${printable(id)}, then dfns start.`,
      );
    } else if (this.#all) {
      this.#tell(held);
      this.#startAgain(id);
    } else {
      this.#waiting.push(held);
      if (!this.#asking) void this.#askAll(this.#io.ask);
    }
  }

  #tell({ id, workflow, message }: Held): void {
    const paint = paintFor(this.#io.stdout, this.#io.env);
    say(this.#io, paint('yellow', printable(`${id} (${workflow}) does not fit the edited code. ${message}`)));
  }

  startedAgain({ id, problem }: Extract<Report, { kind: 'started-again' }>): void {
    say(
      this.#io,
      problem === undefined ? `${printable(id)} was started again` : `${printable(id)}: ${printable(problem)}`,
    );
  }

  /** It goes on, or has ended otherwise: there is nothing to ask any more. */
  fits({ id, goesOn }: Extract<Report, { kind: 'fits' }>): void {
    this.#waiting = this.#waiting.filter(held => held.id !== id);
    if (goesOn) say(this.#io, `${printable(id)} fits the code again, and goes on`);
    if (this.#asked !== id || !this.#io.ask) return;
    this.#asking?.abort();
    this.#asking = undefined;
    if (this.#waiting.length > 0) void this.#askAll(this.#io.ask);
  }

  /** Another build: what does not fit it is told anew. */
  forget(): void {
    this.#waiting = [];
    this.#all = false;
    this.#asking?.abort();
    this.#asking = undefined;
  }

  end(): void {
    this.forget();
  }

  async #askAll(ask: NonNullable<Io['ask']>): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    try {
      for (let held = this.#waiting.shift(); held; held = this.#waiting.shift()) {
        this.#tell(held);
        this.#asked = held.id;
        const question = `Terminate ${printable(held.id)} and start it again with the same input? [y]es, [n]o, [a]ll `;
        const answer = (await ask(question, asking.signal)).trim().toLowerCase();
        // Another build is there: what was asked about may fit it.
        if (asking.signal.aborted) return;
        if (answer.startsWith('a')) this.#all = true;
        if (this.#all || answer.startsWith('y')) this.#startAgain(held.id);
        if (this.#all) for (const other of this.#waiting.splice(0)) this.#startAgain(other.id);
      }
    } catch (error) {
      if (!asking.signal.aborted) throw error;
      say(this.#io, '');
    } finally {
      if (this.#asking === asking) {
        this.#asking = undefined;
        this.#asked = undefined;
      }
    }
  }
}
