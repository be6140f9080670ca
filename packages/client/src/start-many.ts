import {
  DfnsError,
  type AnyWorkflowReference,
  type AttributesOf,
  type AttributeValues,
  type StartOptions,
} from '@dfnsjs/actor-core';
import type { Given, StartedHandle } from './handle-types.ts';
import type { StartBatchReply, StartBatchRequest } from './operations/batch.ts';
import type { StartReply, StartRequest } from './operations/executions.ts';
import { readVerdict } from './start-verdict.ts';

type Input<Value> = undefined extends Value ? { readonly input?: Value } : { readonly input: Value };

/** One of many starts: the input, and the options of a start beside it. */
export type StartItem<Workflow extends AnyWorkflowReference> = Input<Given<Workflow>> &
  StartOptions<AttributeValues<AttributesOf<Workflow>>>;

/** What became of one of many starts. `index` is its place among them, from 0. */
export type StartOutcome<Workflow extends AnyWorkflowReference> =
  | { readonly index: number; readonly handle: StartedHandle<Workflow>; readonly error?: undefined }
  | { readonly index: number; readonly error: DfnsError; readonly handle?: undefined };

/** Starts that go in one request: a slow source is waited for no longer than these take. */
const GROUP = 100;

interface Starting<Handle> {
  /** Throws where the item is no start. */
  request(item: object): StartRequest;
  send(request: StartBatchRequest): Promise<StartBatchReply>;
  handle(reply: StartReply): Handle;
}

/** Starts what the iterable gives, group by group: the next is read when the one before is durable. */
export async function* startAll<Handle>(
  items: Iterable<unknown> | AsyncIterable<unknown>,
  { request, send, handle }: Starting<Handle>,
): AsyncGenerator<
  { readonly index: number; readonly handle: Handle } | { readonly index: number; readonly error: DfnsError }
> {
  let next = 0;
  for await (const group of groupsOf(items)) {
    const first = next;
    next += group.length;
    const parsed = group.map(item => parse(item, request));
    const requests = parsed.flatMap(each => (each instanceof DfnsError ? [] : [each]));
    const { verdicts } = requests.length > 0 ? await send({ items: requests }) : { verdicts: [] };
    let sent = 0;
    for (const [i, each] of parsed.entries()) {
      const index = first + i;
      const verdict = each instanceof DfnsError ? each : readVerdict(verdicts[sent++]);
      if (verdict instanceof DfnsError) yield { index, error: verdict };
      else yield { index, handle: handle(verdict) };
    }
  }
}

function parse(item: unknown, request: (item: object) => StartRequest): StartRequest | DfnsError {
  try {
    if (typeof item === 'object' && item !== null) return request(item);
    throw new DfnsError('VALIDATION', 'startMany takes items of { input, ...options of a start }.');
  } catch (error) {
    // It is this item's: the others start.
    if (error instanceof DfnsError) return error;
    throw error;
  }
}

async function* groupsOf<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<readonly Item[]> {
  let group: Item[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < GROUP) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
