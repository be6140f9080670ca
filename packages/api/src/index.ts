export { startHttpServer, type HttpServer, type HttpServerOptions } from './server/server.ts';
export { parseApiKeys, type ApiKey } from './auth/keys.ts';
export type { Role } from './auth/roles.ts';
