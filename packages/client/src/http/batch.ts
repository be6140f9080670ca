import { DfnsError } from '@dfnsjs/actor-core';
import type { StartVerdict } from '../operations/batch.ts';
import type { StartReply, StartRequest } from '../operations/executions.ts';
import { BINDINGS } from './bindings.ts';
import { readErrorBody } from './errors.ts';
import { fromTagged, toJson } from './json.ts';
import { writeRequest } from './requests.ts';

/**
 * Many starts in one request: a line of JSON each, as the body of a start, and a line for each in their order that says
 * what became of it, as soon as that is known.
 */
export const BATCH = { path: '/v1/executions/batch', type: 'application/x-ndjson' } as const;

/** Bytes of lines in one request, about: one line may be longer. */
const REQUEST_LENGTH = 4 * 1024 * 1024;

/** One start of a batch: where it stands, and its line. */
export interface BatchLine {
  readonly index: number;
  readonly text: string;
}

export function writeLine(request: StartRequest, index: number): BatchLine {
  const { body } = writeRequest(BINDINGS.start, request);
  const { idempotencyKey } = request;
  return { index, text: `${toJson({ ...(body as object), idempotencyKey }, 'tagged')}\n` };
}

/** As many of the first lines as one request takes; one at least. */
export function firstRequest(lines: readonly BatchLine[]): readonly BatchLine[] {
  let length = 0;
  const over = lines.findIndex(({ text }, at) => (length += text.length) > REQUEST_LENGTH && at > 0);
  return over < 0 ? lines : lines.slice(0, over);
}

/** What a line of the answer says; throws for what is none. */
export function readVerdict(text: string): StartVerdict {
  const document = fromTagged(JSON.parse(text)) as object;
  const error = readErrorBody(document);
  if (error) return refused(error);
  const { id, runId, workflow, version, existing } = document as StartReply;
  if (typeof runId !== 'string') throw new DfnsError('INTERNAL', 'A line of the answer is no verdict.');
  return { ok: true, started: { id, runId, workflow, version, existing } };
}

function refused({ code, message, details }: DfnsError): StartVerdict {
  return { ok: false, error: { code, message, ...(details ? { details: { ...details } } : {}) } };
}

/** The lines of a text that comes in parts; what stands behind the last line break is no line yet. */
export async function* textLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield line;
  }
}
