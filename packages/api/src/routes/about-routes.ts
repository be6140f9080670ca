import type { FastifyInstance } from 'fastify';
import { ROLES } from '../auth/roles.ts';
import { accessOf, sendDocument, typesOf } from './context.ts';

/** What a node says of itself. */
export interface About {
  /** Of dfns. */
  readonly version: string;
  /** Fingerprint of the user code. */
  readonly build: string;
  /** Whoever reaches the node may do all. */
  readonly insecure: boolean;
}

/** GET /v1/info and /v1/whoami. */
export function aboutRoutes(app: FastifyInstance, about: About): void {
  app.get('/v1/info', (request, reply) => sendDocument(reply, 200, about, typesOf(request)));
  app.get('/v1/whoami', (request, reply) => {
    const { principal, namespace } = accessOf(request);
    const { role } = principal;
    return sendDocument(reply, 200, { role, namespace, permissions: [...ROLES[role]] }, typesOf(request));
  });
}
