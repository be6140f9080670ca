import type { IncomingMessage, RequestListener, Server, ServerOptions as NodeServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DfnsError } from '@dfnsjs/actor-core';
import type { Chance, Clock, Log } from '@dfnsjs/actor-core/ports';
import type { Operations } from '@dfnsjs/client';
import { HEADERS, type Permission } from '@dfnsjs/client/http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ApiKey } from '../auth/keys.ts';
import { BODY_BYTES, decompress } from '../body/read-body.ts';
import { errorReply, notJson } from '../error-reply.ts';
import { requestIds } from '../request-id.ts';
import { whoamiRoute } from '../routes/about-routes.ts';
import { batchRoute } from '../routes/batch-route.ts';
import { JSON_TYPE, typesOf } from '../routes/context.ts';
import { docsRoutes } from '../routes/docs-routes.ts';
import { eventRoutes } from '../routes/event-routes.ts';
import { healthRoutes, type Health } from '../routes/health-routes.ts';
import { payloadRoute } from '../routes/history-answer.ts';
import { metricsRoute, type MetricsText } from '../routes/metrics-route.ts';
import { operationRoutes } from '../routes/operation-routes.ts';
import { Streams } from '../streams.ts';
import { Traffic, type TrafficBounds } from '../traffic.ts';
import { Turnstile } from '../turnstile.ts';
import { Waits } from '../waits.ts';
import { closeLate } from './late-close.ts';
import { letInOrRefuse } from './let-in.ts';
import { cannotListen, urlOf } from './listen.ts';
import { answerMalformed } from './malformed.ts';
import { Methods } from './methods.ts';
import { UnusedConnections } from './unused-connections.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key must be allowed. Absent: any key does. */
    readonly permission?: Permission | undefined;
    /** It answers without a key. */
    readonly open?: boolean;
  }
  interface FastifyInstance {
    readonly traffic: Traffic;
  }
}

export interface HttpServerOptions {
  readonly operations: Operations;
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** None: whoever reaches the port may do all. */
  readonly apiKeys: readonly ApiKey[];
  /** Names under which the node answers beside localhost and addresses. undefined: any, if there are keys. */
  readonly hosts: readonly string[] | undefined;
  /** Proxies stand before the node: addresses of callers are those that they tell. */
  readonly trustProxy: boolean;
  /** Of dfns. */
  readonly version: string;
  readonly health: Health;
  metrics(): Promise<MetricsText>;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly chance: Chance;
  readonly log: Log;
  readonly timeouts?: Partial<typeof TIMEOUTS> | undefined;
  readonly traffic?: Partial<TrafficBounds> | undefined;
}

/** Milliseconds. Longer than proxies keep connections, so that they never send into one that closes. */
const TIMEOUTS = { keepAlive: 75_000, headers: 80_000, request: 120_000, check: 10_000, linger: 10_000 };
/** Longest path segment that is looked at; what is too long for an id is refused as such. */
const SEGMENT_LENGTH = 16_384;

/** Requests are checked by the schemas of the operations. fastify would load its own compilers all the same. */
const NO_SCHEMAS = { buildValidator: none, buildSerializer: none };

function none(): never {
  throw new DfnsError('INTERNAL', 'No route has a schema of fastify.');
}

export interface HttpServer {
  /** Where it is reached, without a slash at the end. */
  readonly url: string;
  /**
   * From now on not ready: answers ask for the connection to be closed, waits end with 202, those that begin now within a
   * second, and streams of events end.
   */
  drain(): void;
  /** Takes no more connections; resolves when answers in hand are sent, or after `withinMs`. */
  close(withinMs: number): Promise<void>;
}

/** Starts the server. UNAVAILABLE where the port is in use. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, clock, chance } = options;
  const waits = new Waits(clock);
  const streams = new Streams(clock, chance);
  let draining = false;
  const drain = () => {
    draining = true;
    waits.drain();
    streams.drain();
  };
  const app = makeApp(options, waits, streams, () => draining);
  const unused = new UnusedConnections(app.server);
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw cannotListen(error, host, port);
  }
  const url = urlOf(host, app.server.address() as AddressInfo);
  options.log.write('info', `dfns listens on ${url}`, options.apiKeys.length === 0 ? { keys: 'none' } : {});
  return {
    url,
    drain,
    async close(withinMs) {
      drain();
      const timer = clock.setTimer(clock.now() + withinMs, () => app.server.closeAllConnections());
      const closed = app.close();
      unused.close();
      await closed;
      timer.cancel();
    },
  };
}

function makeApp(
  options: HttpServerOptions,
  waits: Waits,
  streams: Streams,
  isDraining: () => boolean,
): FastifyInstance {
  const { operations, clock, chance, log } = options;
  const app = fastify({
    serverFactory: handler => nodeServer(options, handler),
    genReqId: makeRequestIds(chance),
    bodyLimit: BODY_BYTES,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: options.trustProxy,
    schemaController: { compilersFactory: NO_SCHEMAS },
    routerOptions: { maxParamLength: SEGMENT_LENGTH },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply, log),
    clientErrorHandler: answerMalformed,
  });
  const methods = new Methods();
  methods.learn(app);
  takeJson(app);
  boundTraffic(app, new Traffic(clock, chance, options.traffic), new Turnstile(clock));
  const { host, apiKeys, hosts } = options;
  app.addHook('onRequest', letInOrRefuse({ host, apiKeys, hosts, isDraining, now: () => clock.now() }));
  const { linger } = { ...TIMEOUTS, ...options.timeouts };
  app.setErrorHandler((error, request, reply) => {
    if (reply.getHeader('connection') === 'close' && !request.raw.complete) closeLate(request.raw, clock, linger);
    return sendError(error, request, reply, log);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const what = `There is no ${request.method} ${path.slice(0, 200)}`;
    const allowed = methods.of(path).join(', ');
    if (allowed === '') return sendError(new DfnsError('NOT_FOUND', `${what}; see /v1/docs.`), request, reply, log);
    const error = new DfnsError('NOT_FOUND', `${what}, only ${allowed}; see /v1/docs.`);
    return sendError(error, request, reply.header('allow', allowed), log, 405);
  });
  const about = { version: options.version, insecure: apiKeys.length === 0 };
  const context = { operations, about, clock, chance, log, waits, streams };
  healthRoutes(app, options.health, isDraining);
  whoamiRoute(app);
  metricsRoute(app, () => options.metrics());
  docsRoutes(app, context);
  operationRoutes(app, context);
  eventRoutes(app, context);
  payloadRoute(app, context);
  batchRoute(app, context);
  return app;
}

function nodeServer(options: HttpServerOptions, handler: RequestListener): Server {
  const { keepAlive, headers, request, check } = { ...TIMEOUTS, ...options.timeouts };
  const settings: NodeServerOptions = {
    keepAliveTimeout: keepAlive,
    headersTimeout: headers,
    requestTimeout: request,
    connectionsCheckingInterval: check,
  };
  // An import would read all that the module exports, and so load the client of `fetch`: 15 MB that nobody asked for.
  return process.getBuiltinModule('node:http').createServer(settings, handler);
}

function makeRequestIds(chance: Chance): (request: IncomingMessage) => string {
  const idOf = requestIds(chance.uuid().slice(0, 13));
  return request => idOf(request.headers[HEADERS.requestId]);
}

/** Bounds what is in hand for callers, but of health routes: whoever looks after the node must hear of it. */
function boundTraffic(app: FastifyInstance, traffic: Traffic, turnstile: Turnstile): void {
  app.decorate('traffic', traffic);
  app.addHook('onRequest', ({ headers, routeOptions, socket }, reply, done) => {
    // Behind a body that was refused, on a connection that is closing: nobody would hear the answer.
    if (socket.writableEnded) return void socket.destroy();
    if (routeOptions.config.open) return done();
    try {
      traffic.enter(socket, reply.raw, bodyBytesOf(headers));
    } catch (error) {
      return done(error as Error);
    }
    done();
  });
  app.addHook('preHandler', ({ socket }, reply, done) => {
    traffic.received(reply.raw);
    // Whoever hung up while it waited has asked for nothing: none of it has begun.
    turnstile.pass(() => {
      if (!socket.destroyed) done();
    });
  });
  app.addHook('onSend', ({ socket }, reply, payload, done) => {
    if (typeof payload === 'string') traffic.answered(socket, reply.raw, Buffer.byteLength(payload));
    done();
  });
}

/** A body that comes in chunks may have any size up to the largest; one above that is refused for it. */
function bodyBytesOf(headers: IncomingMessage['headers']): number {
  if (headers['transfer-encoding'] !== undefined) return BODY_BYTES;
  return Math.min(Number(headers['content-length'] ?? 0), BODY_BYTES);
}

/** The one body there is. Its bytes are kept: what they may hold depends on the route. */
function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) =>
    decompress(request.headers['content-encoding'], body as Buffer, done),
  );
  // Clients name a type for a body that they do not send: nothing is of no type.
  app.addContentTypeParser('*', (request, _, done) =>
    request.headers['content-length'] === '0' ? done(null, undefined) : done(notJson()),
  );
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log, other?: 405): FastifyReply {
  const { status, body, retryAfter } = errorReply(error, request.id, typesOrPlain(request), log);
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply
    .code(other ?? status)
    .header(HEADERS.requestId, request.id)
    .header('content-type', JSON_TYPE)
    .send(body);
}

function typesOrPlain(request: FastifyRequest) {
  try {
    return typesOf(request);
  } catch {
    return 'plain';
  }
}
