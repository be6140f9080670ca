import { Packr } from 'msgpackr';
import type { Carry } from '../execution/execution.ts';
import type { MessageId } from '../ids/ids.ts';
import type { Payload } from '../payload/payload.ts';
import type { RunState } from '../state/state.ts';

/**
 * What continue-as-new hands to the next run beside the columns of its row: unread signals, the ids of messages already
 * taken with their outcomes, and the count of messages sent. A MessagePack array with a version in front.
 */
const VERSION = 1;
const packr = new Packr({ useRecords: false, int64AsType: 'number' });

type KnownFields = readonly [id: MessageId, at: number, ok: boolean | null, payload: Payload | null];
type Fields = readonly [version: number, sends: number, signals: readonly [string, Payload][], known: readonly KnownFields[]];

/** null where there is nothing to hand on. */
export function encodeCarry(state: RunState): Carry | null {
  const signals = state.unreadSignals === 0 ? [] : state.signals.rest().map(s => [s.name, s.payload] as const);
  const known = state.knownMessages().map(([id, { at, outcome }]) => [id, at, outcome?.ok ?? null, outcome?.payload ?? null]);
  if (signals.length === 0 && known.length === 0 && state.sends === 0) return null;
  return packr.pack([VERSION, state.sends, signals, known]);
}

export function restoreCarry(state: RunState, carry: Carry): void {
  const [version, sends, signals, known] = packr.unpack(carry) as Fields;
  if (version !== VERSION) throw new RangeError(`Carry has version ${version}, this build reads ${VERSION}.`);
  state.sends = sends;
  for (const [name, payload] of signals) state.signals.put(name, payload);
  for (const [id, at, ok, payload] of known) {
    state.dedupe.add(id, at);
    if (ok !== null && payload) state.dedupe.answered(id, { ok, payload });
  }
}
