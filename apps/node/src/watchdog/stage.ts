import type { Stage } from '@dfnsjs/actor-core/ports';
import type { Eid } from '@dfnsjs/actor-core/values';

/** Numbers at the head of the shared memory, eight bytes each. */
const EID = 0;
/** Below 0: of a body; 0: none. */
const COMMAND = 1;
/** Counts entries, so that two looks tell whether the same is still on. */
const ENTRIES = 2;
/** Counts what the event loop's own timer does. */
const BEATS = 3;
/** A debugger may hold the event loop up for as long as it likes. */
const DEBUGGED = 4;
/** Whose name stands behind the numbers, and how long it is. */
const NAMED_EID = 5;
const NAME_BYTES = 6;
const HEAD_BYTES = 7 * 8;
/** Namespace, NUL, id: 512 bytes each at most. */
const NAME_LIMIT = 2 * 512 + 1;

/** Who is on the stage. */
export interface Entry {
  readonly eid: Eid;
  readonly command: number;
  readonly isBody: boolean;
  /** Of a run in its first turn. */
  readonly address: { readonly namespace: string; readonly id: string } | null;
}

/** A stage in memory that another thread looks at. */
export class SharedStage implements Stage {
  readonly memory: SharedArrayBuffer;
  protected readonly head: Float64Array;
  readonly #name: Uint8Array;
  #onFirst: (() => void) | null = null;
  readonly #encoder = new TextEncoder();

  constructor(memory = new SharedArrayBuffer(HEAD_BYTES + NAME_LIMIT)) {
    this.memory = memory;
    this.head = new Float64Array(memory, 0, HEAD_BYTES / 8);
    this.#name = new Uint8Array(memory, HEAD_BYTES);
  }

  /** Calls `listener` before somebody enters for the first time. */
  onFirst(listener: () => void): void {
    this.#onFirst = listener;
  }

  enterTurn(eid: Eid, command: number): void {
    const { head } = this;
    if (this.#onFirst !== null) {
      const listener = this.#onFirst;
      this.#onFirst = null;
      listener();
    }
    head[EID] = eid;
    head[COMMAND] = command;
    head[ENTRIES]!++;
  }

  enterStart(eid: Eid, namespace: string, id: string): void {
    const { written } = this.#encoder.encodeInto(`${namespace}\0${id}`, this.#name);
    this.head[NAME_BYTES] = written;
    this.head[NAMED_EID] = eid;
    this.enterTurn(eid, 0);
  }

  enterBody(eid: Eid, command: number): void {
    this.enterTurn(eid, -command);
  }

  leave(): void {
    this.head[EID] = 0;
  }

  beat(debugged: boolean): void {
    this.head[BEATS]!++;
    this.head[DEBUGGED] = debugged ? 1 : 0;
  }

  /** What the watchdog compares between two looks. */
  look(): { readonly entries: number; readonly beats: number; readonly occupied: boolean; readonly debugged: boolean } {
    const { head } = this;
    return {
      entries: head[ENTRIES]!,
      beats: head[BEATS]!,
      occupied: head[EID] !== 0,
      debugged: head[DEBUGGED] !== 0,
    };
  }

  /** A copy, for a file that outlives the process. */
  image(): Uint8Array {
    const { head } = this;
    const name = head[NAMED_EID] === head[EID] ? head[NAME_BYTES]! : 0;
    return new Uint8Array(this.memory, 0, HEAD_BYTES + name).slice();
  }

  entry(): Entry | null {
    return entryOf(this.image());
  }
}

/** Who an image shows; null: nobody, or it is none. */
export function entryOf(image: Uint8Array): Entry | null {
  if (image.byteLength < HEAD_BYTES) return null;
  const copy = Uint8Array.from(image);
  const head = new Float64Array(copy.buffer, 0, HEAD_BYTES / 8);
  const eid = head[EID]!;
  const command = head[COMMAND]!;
  if (!Number.isSafeInteger(eid) || eid <= 0 || !Number.isSafeInteger(command)) return null;
  const name = copy.subarray(HEAD_BYTES, HEAD_BYTES + head[NAME_BYTES]!);
  const [namespace, id] = head[NAMED_EID] === eid ? new TextDecoder().decode(name).split('\0') : [];
  return {
    eid: eid as Eid,
    command: Math.abs(command),
    isBody: command < 0,
    address: namespace && id ? { namespace, id } : null,
  };
}
