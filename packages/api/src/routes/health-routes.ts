import type { FastifyInstance, FastifyReply } from 'fastify';
import { JSON_TYPE } from './context.ts';

export interface Health {
  /** The first join is done. */
  started(): boolean;
  /** Joined, and reached by others; an outage of store or transport is reported elsewhere, and fails nothing here. */
  ready(): boolean;
}

/** The routes that need no key: they say yes or no. */
export function healthRoutes(app: FastifyInstance, health: Health, isDraining: () => boolean): void {
  const config = { open: true };
  app.get('/healthz', { config }, (_, reply) => answer(reply, true, 'alive'));
  app.get('/readyz', { config }, (_, reply) => {
    if (isDraining()) return answer(reply, false, 'draining');
    return answer(reply, health.ready(), health.ready() ? 'ready' : 'not joined');
  });
  app.get('/startupz', { config }, (_, reply) =>
    answer(reply, health.started(), health.started() ? 'started' : 'starting'),
  );
}

function answer(reply: FastifyReply, isWell: boolean, status: string): FastifyReply {
  return reply
    .code(isWell ? 200 : 503)
    .header('content-type', JSON_TYPE)
    .send(JSON.stringify({ status }));
}
