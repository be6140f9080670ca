import type { FastifyInstance } from 'fastify';
import { docsPage, DOCS_STYLE } from '../docs-page.ts';
import { openApi } from '../openapi.ts';
import { JSON_TYPE } from './context.ts';

/** GET /v1/openapi.json, and /v1/docs for people: one page without scripts, and nothing from elsewhere. */
export function docsRoutes(app: FastifyInstance, version: string): void {
  // Made for the first who asks: few nodes are ever asked.
  let made: { readonly text: string; readonly page: string } | undefined;
  const documents = () => (made ??= make(version));
  app.get('/v1/openapi.json', (_, reply) => reply.header('content-type', JSON_TYPE).send(documents().text));
  app.get('/v1/docs', (_, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
      .header('x-content-type-options', 'nosniff')
      .send(documents().page),
  );
  app.get('/v1/docs.css', (_, reply) => reply.header('content-type', 'text/css; charset=utf-8').send(DOCS_STYLE));
}

function make(version: string) {
  const document = openApi(version);
  return { text: JSON.stringify(document), page: docsPage(document) };
}
