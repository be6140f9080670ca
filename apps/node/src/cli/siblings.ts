import type { Report } from './protocol.ts';

/** Longer than the parent waits for any of them: it answers, unless it is gone. */
const ANSWER_MS = 5_000;

/** The processes that share this one's port, as it asks its parent for them. */
export class Siblings {
  readonly #report: (report: Report) => void;
  readonly #asked = new Map<number, (pages: readonly string[]) => void>();
  #questions = 0;

  constructor(report: (report: Report) => void) {
    this.#report = report;
  }

  /** What each of them counts, as text for Prometheus; none where the parent is gone. */
  pages(): Promise<readonly string[]> {
    const question = ++this.#questions;
    return new Promise(resolve => {
      const timer = setTimeout(() => this.answered(question, []), ANSWER_MS);
      this.#asked.set(question, pages => {
        clearTimeout(timer);
        resolve(pages);
      });
      this.#report({ kind: 'ask-others', question });
    });
  }

  answered(question: number, pages: readonly string[]): void {
    this.#asked.get(question)?.(pages);
    this.#asked.delete(question);
  }
}
