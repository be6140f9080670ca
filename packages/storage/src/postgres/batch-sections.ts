import type { ActorCommit, CommitBatch, InboxKey, SnapshotRow } from '@dfnsjs/actor-core/ports';
import type { Attributes, Eid, RunPatch } from '@dfnsjs/actor-core/records';
import { packRun, PATCH_COLUMNS, RUN_COLUMNS } from '../rows/run-row.ts';
import { indexedValue } from './attribute-index.ts';
import { type Element, type ElementValue, packArray, packRows } from './binary-array.ts';

/** Rows of one kind, a column at a time, as `unnest` takes them apart: an array of the statement each. */
class Section {
  readonly #elements: readonly Element[];
  /** Most batches have rows of few kinds. */
  #columns: ElementValue[][] | null = null;
  #length = 0;

  constructor(elements: readonly Element[]) {
    this.#elements = elements;
  }

  get length(): number {
    return this.#length;
  }

  add(...values: readonly ElementValue[]): void {
    const columns = (this.#columns ??= this.#elements.map(() => []));
    for (let i = 0; i < values.length; i++) columns[i]!.push(values[i]!);
    this.#length++;
  }

  packInto(parameters: (Buffer | boolean | number | null)[]): void {
    for (let i = 0; i < this.#elements.length; i++) {
      parameters.push(this.#columns && packArray(this.#elements[i]!, this.#columns[i]!));
    }
  }
}

const NUMBERS: Readonly<Record<string, Element>> = {
  version: 'integer',
  shard: 'integer',
  status: 'integer',
  eid: 'bigint',
  first: 'bigint',
  seed: 'bigint',
  parent: 'bigint',
  turns: 'bigint',
  bytes: 'bigint',
  started_at: 'double',
  closed_at: 'double',
  wake_at: 'double',
  deadline: 'double',
  run_deadline: 'double',
  input: 'bytea',
  output: 'bytea',
  carry: 'bytea',
};
const elementOf = (column: string): Element => NUMBERS[column] ?? 'text';
const INSERT_ELEMENTS: readonly Element[] = ['integer', 'boolean', 'bigint', ...RUN_COLUMNS.map(elementOf)];
const UPDATE_ELEMENTS: readonly Element[] = [
  'integer',
  'bigint',
  'integer',
  ...PATCH_COLUMNS.map(({ column }) => elementOf(column)),
];

/** The types of the database that commit_1 takes, by their numbers in it. */
export interface RowTypes {
  readonly insert: number;
  readonly update: number;
}
export const ROW_TYPES = `SELECT 'dfns.run_insert_1'::regtype::oid::bigint AS insert,
  'dfns.run_update_1'::regtype::oid::bigint AS update`;

/** More than there are. */
const SHARDS = 65_536;

/** More than there are columns. */
const UNLIKE = 1 << 20;

/** What becomes of a row of the inbox, as commit_1 knows it. */
const MAIL = { take: 0, send: 1, accept: 2 } as const;

/** The parameters of commit_1 from `p_replaces` on, for actors of which none depends on another. */
export class BatchSections {
  readonly #fences = new Section(['integer', 'bigint']);
  readonly #fenceOf = new Map<number, number>();
  readonly #actors = new Section(['integer', 'bigint', 'integer', 'integer', 'bytea']);
  readonly #mail = new Section(['integer', 'integer', 'integer', 'bigint', 'double', 'bigint', 'bigint', 'bytea']);
  readonly #inserts: (readonly ElementValue[])[] = [];
  readonly #updates: (readonly ElementValue[])[] = [];
  readonly #attributes = new Section(['integer', 'bigint', 'text', 'integer', 'text']);
  readonly #snapshots = new Section(['integer', 'bigint', 'integer', 'integer', 'bytea', 'boolean']);
  /** An id is moved from one run to another. */
  #replaces = false;
  /** What is patched of any run, a bit a column; with `UNLIKE` where it is not the same of all. */
  #columns = 0;
  readonly #keys = new Section(['integer', 'text', 'text', 'text', 'bigint', 'double']);

  static pack(actors: CommitBatch['actors'], types: RowTypes): (Buffer | boolean | number | null)[] {
    const sections = new BatchSections();
    for (const actor of actors) sections.#add(actor);
    return sections.#pack(types);
  }

  #pack({ insert, update }: RowTypes): (Buffer | boolean | number | null)[] {
    const parameters: (Buffer | boolean | number | null)[] = [this.#replaces, this.#columns];
    this.#fences.packInto(parameters);
    this.#actors.packInto(parameters);
    this.#mail.packInto(parameters);
    parameters.push(packRows(insert, INSERT_ELEMENTS, this.#inserts), packRows(update, UPDATE_ELEMENTS, this.#updates));
    this.#attributes.packInto(parameters);
    this.#snapshots.packInto(parameters);
    this.#keys.packInto(parameters);
    return parameters;
  }

  #add(actor: ActorCommit): void {
    const { eid, journal, insert, update, prefix, snapshot, takes, sends, accepts, idempotency } = actor;
    this.#actors.add(this.#fence(actor), eid, actor.prevSeq, journal?.seq ?? null, journal?.turn ?? null);
    const number = this.#actors.length;
    if (update) this.#patch(number, eid, update);
    if (insert) {
      const { current } = actor;
      if (current && current.expect !== null) this.#replaces = true;
      this.#inserts.push([number, current !== undefined, current?.expect ?? null, ...packRun(insert)]);
      if (insert.attributes) this.#index(number, insert.eid, insert.attributes);
      if (prefix) for (const segment of prefix) this.#segment(number, insert.eid, segment, false);
    }
    if (snapshot) this.#segment(number, eid, snapshot, true);
    if (takes) for (const key of takes) this.#letter(number, MAIL.take, key, null);
    if (sends) for (const row of sends) this.#letter(number, MAIL.send, row, row.message);
    if (accepts) for (const row of accepts) this.#letter(number, MAIL.accept, row, row.message);
    if (idempotency) {
      const { namespace, key, hash, expiresAt } = idempotency;
      this.#keys.add(number, namespace, key, hash, idempotency.eid, expiresAt);
    }
  }

  #fence({ shard, epoch }: ActorCommit): number {
    const fence = epoch * SHARDS + shard;
    const known = this.#fenceOf.get(fence);
    if (known !== undefined) return known;
    this.#fences.add(shard, epoch);
    this.#fenceOf.set(fence, this.#fences.length);
    return this.#fences.length;
  }

  #patch(number: number, eid: Eid, patch: RunPatch): void {
    const row: ElementValue[] = [number, eid, 0];
    let columns = 0;
    for (let i = 0; i < PATCH_COLUMNS.length; i++) {
      const value = PATCH_COLUMNS[i]!.pack(patch);
      if (value !== undefined) columns |= 1 << i;
      row.push(value ?? null);
    }
    row[2] = columns;
    if (this.#updates.length > 0 && this.#columns !== columns) columns |= UNLIKE;
    this.#columns |= columns;
    this.#updates.push(row);
    if (patch.attributes) this.#index(number, eid, patch.attributes);
  }

  #index(number: number, eid: Eid, attributes: Attributes): void {
    for (const [name, value] of attributes) this.#attributes.add(number, eid, name, ...indexedValue(value));
  }

  #segment(number: number, eid: Eid, { from, to, turns }: SnapshotRow, folds: boolean): void {
    this.#snapshots.add(number, eid, from, to, turns, folds);
  }

  #letter(number: number, kind: number, key: InboxKey, message: Uint8Array | null): void {
    this.#mail.add(number, kind, key.shard, key.receiver, key.accepted, key.sender, key.number, message);
  }
}
