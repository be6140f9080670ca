import type { FastifyInstance } from 'fastify';

/** What the node counted, as text for Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/** GET /metrics. NOT_FOUND where the node counts nothing. */
export function metricsRoute(app: FastifyInstance, metrics: () => Promise<MetricsText>): void {
  app.get('/metrics', { config: { permission: 'metrics' } }, async (_, reply) => {
    const { contentType, text } = await metrics();
    return reply.header('content-type', contentType).send(text);
  });
}
