import type { FastifyInstance, FastifyRequest } from 'fastify';
import { docsPage, DOCS_STYLE } from '../docs-page.ts';
import { openApi, type OpenApi } from '../openapi.ts';
import { withDefinitions } from '../openapi-definitions.ts';
import { accessOf, JSON_TYPE, type RouteContext } from './context.ts';

/** GET /v1/openapi.json, and /v1/docs for people: one page without scripts, and nothing from elsewhere. */
export function docsRoutes(app: FastifyInstance, { operations, about }: RouteContext): void {
  const routes = openApi(about.version);
  let made: OpenApi | undefined;
  // What a node runs does not change while it does.
  const document = async (request: FastifyRequest) =>
    (made ??= withDefinitions(routes, await operations.definitions({ namespace: accessOf(request).namespace })));
  app.get('/v1/openapi.json', async (request, reply) =>
    reply.header('content-type', JSON_TYPE).send(JSON.stringify(await document(request))),
  );
  app.get('/v1/docs', async (request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
      .header('x-content-type-options', 'nosniff')
      .send(docsPage(await document(request))),
  );
  app.get('/v1/docs.css', (_, reply) => reply.header('content-type', 'text/css; charset=utf-8').send(DOCS_STYLE));
}
