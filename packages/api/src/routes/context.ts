import type { Chance, Clock, Log } from '@dfnsjs/actor-core/ports';
import type { Operations, TakenReply } from '@dfnsjs/client';
import { toJson, type Types } from '@dfnsjs/client/http';
import { DfnsError } from '@dfnsjs/actor-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../auth/authorize.ts';
import type { Streams } from '../streams.ts';
import type { Waits } from '../waits.ts';

/** What the server says of the node, beside what the node does. */
export interface About {
  /** Of dfns. */
  readonly version: string;
  /** Whoever reaches the node may do all. */
  readonly insecure: boolean;
}

/** What routes work with. */
export interface RouteContext {
  readonly operations: Operations;
  readonly about: About;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly chance: Chance;
  readonly log: Log;
  readonly waits: Waits;
  readonly streams: Streams;
}

const ACCESS = Symbol('access');

/** Noted where a request is let in. */
export function letIn(request: FastifyRequest, access: Access): void {
  (request as { [ACCESS]?: Access })[ACCESS] = access;
}

export function accessOf(request: FastifyRequest): Access {
  const access = (request as { [ACCESS]?: Access })[ACCESS];
  if (!access) throw new Error('A route without a check of access asked for it.');
  return access;
}

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export function queryOf(request: FastifyRequest): Query {
  return request.query as Query;
}

/** How the answer is written: `?types=tagged` or plain. */
export function typesOf(request: FastifyRequest): Types {
  const { types } = queryOf(request);
  if (types === undefined || types === 'plain') return 'plain';
  if (types === 'tagged') return 'tagged';
  throw new DfnsError('VALIDATION', 'types must be "plain" or "tagged".');
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Permissions of requests that change nothing; a route that needs none tells of itself. */
const READS: ReadonlySet<unknown> = new Set(['read', 'payloads', 'query', undefined]);

/** OVERLOADED where too many answers wait to be taken, if the request did nothing but read. */
export function sendDocument(reply: FastifyReply, status: number, document: unknown, types: Types): FastifyReply {
  if (READS.has(reply.request.routeOptions.config.permission)) reply.server.traffic.assertRoomToAnswer();
  return reply.code(status).header('content-type', JSON_TYPE).send(toJson(document, types));
}

/** What was asked for is durable. No value is in what is told of it, so it has no types. */
export function sendTaken(reply: FastifyReply, status: number, told: Partial<TakenReply>): FastifyReply {
  return reply.code(status).header('content-type', JSON_TYPE).send(JSON.stringify(told));
}
