import type { FastifyInstance, FastifyRequest } from 'fastify';
import { docsPage, DOCS_STYLE } from '../docs-page.ts';
import { openApi } from '../openapi.ts';
import { withDefinitions } from '../openapi-definitions.ts';
import { accessOf, JSON_TYPE, type RouteContext } from './context.ts';

/** GET /v1/openapi.json, and /v1/docs for people: one page without scripts, and nothing from elsewhere. */
export function docsRoutes(app: FastifyInstance, context: RouteContext): void {
  // Made for the first who asks: few nodes are ever asked, and what one runs does not change while it does.
  let made: { readonly text: string; readonly page: string } | undefined;
  const documents = async (request: FastifyRequest) => (made ??= await make(context, accessOf(request).namespace));
  app.get('/v1/openapi.json', async (request, reply) =>
    reply.header('content-type', JSON_TYPE).send((await documents(request)).text),
  );
  app.get('/v1/docs', async (request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
      .header('x-content-type-options', 'nosniff')
      .send((await documents(request)).page),
  );
  app.get('/v1/docs.css', (_, reply) => reply.header('content-type', 'text/css; charset=utf-8').send(DOCS_STYLE));
}

async function make({ operations, about }: RouteContext, namespace: string) {
  const document = withDefinitions(openApi(about.version), await operations.definitions({ namespace }));
  return { text: JSON.stringify(document), page: docsPage(document) };
}
