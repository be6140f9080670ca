import { HEADERS } from '@dfnsjs/client/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticator, authorize } from '../auth/authorize.ts';
import { KeyRing, type ApiKey } from '../auth/keys.ts';
import { checkHost, checkOrigin } from '../origin.ts';
import { letIn } from '../routes/context.ts';

export interface DoorOptions {
  readonly host: string;
  readonly apiKeys: readonly ApiKey[];
  readonly hosts: readonly string[] | undefined;
  now(): number;
  isDraining(): boolean;
}

/** Everything that is checked before a body is read. */
export function letInOrRefuse(options: DoorOptions) {
  const { apiKeys } = options;
  const authenticator = new Authenticator(apiKeys.length === 0 ? undefined : new KeyRing(apiKeys));
  // With keys a page of another name can do nothing; without them the names are what keeps it out.
  const hosts =
    options.hosts === undefined && apiKeys.length > 0
      ? undefined
      : new Set(['localhost', options.host, ...(options.hosts ?? [])].map(name => name.toLowerCase()));
  // Callers say the same name again and again.
  let lastHost: string | undefined;
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    void reply.header(HEADERS.requestId, request.id).header('cache-control', 'no-store');
    if (options.isDraining()) void reply.header('connection', 'close');
    const { config } = request.routeOptions;
    if (config.open) return done();
    const { headers, method } = request;
    try {
      if (hosts && (headers.host !== lastHost || lastHost === undefined)) {
        checkHost(headers.host, hosts);
        lastHost = headers.host;
      }
      if (method !== 'GET' && method !== 'HEAD') {
        checkOrigin(headers.origin, headers['sec-fetch-site'], headers.host);
      }
      const presented = {
        authorization: headers.authorization,
        namespace: headers[HEADERS.namespace] as string | undefined,
        address: request.ip,
      };
      letIn(request, authorize(authenticator.principal(presented, options.now()), config.permission, presented));
    } catch (error) {
      return done(error as Error);
    }
    done();
  };
}
