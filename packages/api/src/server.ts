import { createServer, type IncomingMessage, type Server, type ServerOptions as NodeServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { DfnsError } from '@dfnsjs/actor-core';
import type { Chance, Clock, Log } from '@dfnsjs/actor-core/ports';
import type { Operations } from '@dfnsjs/client';
import { HEADERS, type Permission } from '@dfnsjs/client/http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Authenticator, authorize } from './auth/authorize.ts';
import { KeyRing, type ApiKey } from './auth/keys.ts';
import { BODY_BYTES, decompress } from './body/read-body.ts';
import { errorReply } from './error-reply.ts';
import { checkHost, checkOrigin } from './origin.ts';
import { requestIds } from './request-id.ts';
import { aboutRoutes, type About } from './routes/about-routes.ts';
import { JSON_TYPE, letIn, typesOf } from './routes/context.ts';
import { docsRoutes } from './routes/docs-routes.ts';
import { healthRoutes, type Health } from './routes/health-routes.ts';
import { payloadRoute } from './routes/history-answer.ts';
import { operationRoutes } from './routes/operation-routes.ts';
import { Waits } from './waits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key must be allowed. Absent: any key does. */
    readonly permission?: Permission;
    /** It answers without a key. */
    readonly open?: boolean;
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
  readonly about: Omit<About, 'insecure'>;
  readonly health: Health;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly chance: Chance;
  readonly log: Log;
  readonly timeouts?: Partial<typeof TIMEOUTS> | undefined;
}

/** Milliseconds. Longer than proxies keep connections, so that they never send into one that closes. */
const TIMEOUTS = { keepAlive: 75_000, headers: 80_000, request: 120_000, check: 10_000 };
/** Longest path segment that is looked at; what is too long for an id is refused as such. */
const SEGMENT_LENGTH = 16_384;

export interface HttpServer {
  /** Where it is reached, without a slash at the end. */
  readonly url: string;
  /** From now on not ready: answers ask for the connection to be closed, and waits end with 202. */
  drain(): void;
  /** Takes no more connections; resolves when answers in hand are sent, or after `withinMs`. */
  close(withinMs: number): Promise<void>;
}

/** Starts the server. UNAVAILABLE where the port is in use. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, clock } = options;
  const waits = new Waits(clock);
  let draining = false;
  const app = makeApp(options, waits, () => draining);
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw cannotListen(error, host, port);
  }
  const url = urlOf(host, app.server.address() as AddressInfo);
  options.log.write('info', `dfns listens on ${url}`, options.apiKeys.length === 0 ? { keys: 'none' } : {});
  return {
    url,
    drain() {
      draining = true;
      waits.drain();
    },
    async close(withinMs) {
      draining = true;
      waits.drain();
      const timer = clock.setTimer(clock.now() + withinMs, () => app.server.closeAllConnections());
      await app.close();
      timer.cancel();
    },
  };
}

function makeApp(options: HttpServerOptions, waits: Waits, isDraining: () => boolean): FastifyInstance {
  const { operations, clock, chance, log } = options;
  const app = fastify({
    serverFactory: handler => nodeServer(options, handler),
    genReqId: makeRequestIds(chance),
    bodyLimit: BODY_BYTES,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    trustProxy: options.trustProxy,
    routerOptions: { maxParamLength: SEGMENT_LENGTH },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply, log),
    clientErrorHandler: answerMalformed,
  });
  takeJson(app);
  app.addHook('onRequest', letInOrRefuse(options, isDraining));
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0];
    const error = new DfnsError('NOT_FOUND', `There is no ${request.method} ${path?.slice(0, 200)}; see /v1/docs.`);
    return sendError(error, request, reply, log);
  });
  const context = { operations, clock, chance, log, waits };
  healthRoutes(app, options.health, isDraining);
  aboutRoutes(app, { ...options.about, insecure: options.apiKeys.length === 0 });
  docsRoutes(app, options.about.version);
  operationRoutes(app, context);
  payloadRoute(app, context);
  return app;
}

function nodeServer(options: HttpServerOptions, handler: Parameters<typeof createServer>[1] & {}): Server {
  const { keepAlive, headers, request, check } = { ...TIMEOUTS, ...options.timeouts };
  const settings: NodeServerOptions = {
    keepAliveTimeout: keepAlive,
    headersTimeout: headers,
    requestTimeout: request,
    connectionsCheckingInterval: check,
  };
  return createServer(settings, handler);
}

function makeRequestIds(chance: Chance): (request: IncomingMessage) => string {
  const idOf = requestIds(chance.uuid().slice(0, 13));
  return request => idOf(request.headers[HEADERS.requestId]);
}

/** The one body there is. Its bytes are kept: what they may hold depends on the route. */
function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) =>
    decompress(request.headers['content-encoding'], body as Buffer, done),
  );
}

/** Everything that is checked before a body is read. */
function letInOrRefuse(options: HttpServerOptions, isDraining: () => boolean) {
  const { apiKeys, clock } = options;
  const authenticator = new Authenticator(apiKeys.length === 0 ? undefined : new KeyRing(apiKeys));
  // With keys a page of another name can do nothing; without them the names are what keeps it out.
  const hosts =
    options.hosts === undefined && apiKeys.length > 0
      ? undefined
      : new Set(['localhost', options.host, ...(options.hosts ?? [])].map(name => name.toLowerCase()));
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    void reply.header(HEADERS.requestId, request.id).header('cache-control', 'no-store');
    if (isDraining()) void reply.header('connection', 'close');
    const { config } = request.routeOptions;
    if (config.open) return done();
    const { headers, method } = request;
    try {
      if (hosts) checkHost(headers.host, hosts);
      if (method !== 'GET' && method !== 'HEAD') {
        checkOrigin(headers.origin, headers['sec-fetch-site'], headers.host);
      }
      const presented = {
        authorization: headers.authorization,
        namespace: headers[HEADERS.namespace] as string | undefined,
        address: request.ip,
      };
      letIn(request, authorize(authenticator.principal(presented, clock.now()), config.permission, presented));
    } catch (error) {
      return done(error as Error);
    }
    done();
  };
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const { status, body, retryAfter } = errorReply(error, request.id, typesOrPlain(request), log);
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply.code(status).header(HEADERS.requestId, request.id).header('content-type', JSON_TYPE).send(body);
}

function typesOrPlain(request: FastifyRequest) {
  try {
    return typesOf(request);
  } catch {
    return 'plain';
  }
}

/** What the HTTP parser refused: there is no request to answer to. */
function answerMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The headers are too large; ids have at most 512 bytes.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request took too long to arrive.']
        : ['400 Bad Request', 'The request is not well-formed HTTP.'];
  const body = JSON.stringify({ error: { code: 'VALIDATION', message } });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function cannotListen(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new DfnsError(
      'UNAVAILABLE',
      `Port ${port} of ${host} is in use. End what listens there, or choose another with http: { port }; 0 takes a free one.`,
      { details: { host, port } },
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    const why = code === 'EACCES' ? 'this process may not' : 'this machine has no such address';
    return new DfnsError('VALIDATION', `Cannot listen on port ${port} of ${host}: ${why}.`, {
      details: { host, port },
    });
  }
  return error;
}

/** Of all addresses the one by which this machine reaches itself. */
function urlOf(host: string, { port, family }: AddressInfo): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${family === 'IPv6' && reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
