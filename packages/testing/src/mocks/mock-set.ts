import { DfnsError, type TaskContext } from '@dfnsjs/actor-core';
import type { StandIn } from '@dfnsjs/actor-core/engine';
import { parseDuration } from '@dfnsjs/actor-core/records';
import type { Agenda } from '../world/agenda.ts';
import type { AnyMock, MockTime } from './task.ts';

/** The mocks of one life of a node: its death ends what they wait for. */
export class MockSet {
  readonly #mocks: readonly AnyMock[];
  readonly #refuse: boolean;
  readonly #agenda: Agenda;
  /** Attempts that let virtual time pass: they do not hold it up. */
  asleep = 0;

  constructor(mocks: readonly AnyMock[], refuse: boolean, agenda: Agenda) {
    this.#mocks = mocks;
    this.#refuse = refuse;
    this.#agenda = agenda;
  }

  /** What runs in place of a task or step; undefined: its own body. */
  readonly standIn: StandIn = (name, isStep) => {
    // The last of two for the same task counts, as an option does that is given twice.
    const mock = this.#mocks.findLast(each => each.standsFor(name, isStep));
    if (mock) return (input, t) => mock.attempt(input as never, t, this.#timeOf(t));
    if (isStep || !this.#refuse) return undefined;
    return () => {
      throw new DfnsError(
        'VALIDATION',
        `Task "${name}" is not mocked, and the test cluster runs no other: add mockTask(…) to mocks, or leave \`unmocked: 'refuse'\` out.`,
      );
    };
  };

  #timeOf(t: TaskContext<never>): MockTime {
    const agenda = this.#agenda;
    return {
      get now() {
        return agenda.now;
      },
      sleep: duration => this.#sleep(parseDuration(duration, 'The duration of sleep'), t.abortSignal),
    };
  }

  #sleep(ms: number, abort: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (abort.aborted) return reject(abort.reason as Error);
      this.asleep++;
      const aborted = () => {
        this.asleep--;
        appointment.cancel();
        reject(abort.reason as Error);
      };
      const appointment = this.#agenda.after(ms, () => {
        this.asleep--;
        abort.removeEventListener('abort', aborted);
        resolve();
      });
      abort.addEventListener('abort', aborted, { once: true });
    });
  }
}
