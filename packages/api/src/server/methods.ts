import type { FastifyInstance } from 'fastify';

/** Which methods a path takes, learnt as routes are added. */
export class Methods {
  readonly #routes = new Map<string, { readonly segments: readonly string[]; readonly methods: Set<string> }>();

  /** From now on routes that are added to `app` count. */
  learn(app: FastifyInstance): void {
    app.addHook('onRoute', ({ url, method }) => {
      const route = this.#routes.get(url) ?? { segments: url.split('/'), methods: new Set() };
      for (const each of [method].flat()) route.methods.add(each);
      this.#routes.set(url, route);
    });
  }

  /** In alphabetical order; none where there is no such path. */
  of(path: string): readonly string[] {
    const given = path.split('/');
    const all = [...this.#routes.values()].filter(
      ({ segments }) =>
        segments.length === given.length &&
        segments.every((segment, i) => segment.startsWith(':') || segment === given[i]),
    );
    return [...new Set(all.flatMap(({ methods }) => [...methods]))].sort();
  }
}
