import type { NodeProcess } from './processes.ts';

/** A scrape of a port that several processes share reaches one of them, which asks here for what the others count. */
export class SharedMetrics {
  readonly #nodes = new Set<NodeProcess>();
  #questions = 0;

  add(node: NodeProcess): void {
    this.#nodes.add(node);
    void node.ended.then(() => this.#nodes.delete(node));
    node.onReport(report => {
      if (report.kind === 'ask-others') void this.#gather(node, report.question);
    });
  }

  async #gather(asker: NodeProcess, question: number): Promise<void> {
    const others = [...this.#nodes].filter(node => node !== asker);
    const pages = await Promise.all(others.map(node => node.metrics(++this.#questions)));
    asker.tellOthers(question, pages.filter(Boolean));
  }
}
