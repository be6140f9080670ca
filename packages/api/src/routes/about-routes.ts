import type { NodeRequest } from '@dfnsjs/client';
import { BINDINGS, writeAnswer, type OperationRequest } from '@dfnsjs/client/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { permissionsOf } from '../auth/authorize.ts';
import { accessOf, sendDocument, typesOf, type RouteContext } from './context.ts';

/** What the node says of itself, and who may reach it. */
export async function sendInfo(
  { operations, about }: RouteContext,
  operation: OperationRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const info = await operations.info(operation as NodeRequest);
  return sendDocument(reply, 200, writeAnswer(BINDINGS.info, { ...info, ...about }), typesOf(request));
}

/** GET /v1/whoami. */
export function whoamiRoute(app: FastifyInstance): void {
  app.get('/v1/whoami', (request, reply) => {
    const { principal, namespace } = accessOf(request);
    const { role } = principal;
    return sendDocument(reply, 200, { role, namespace, permissions: [...permissionsOf(principal)] }, typesOf(request));
  });
}
