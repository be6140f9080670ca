import { encode } from '../payload/encode.ts';
import type { SendPending } from '../state/pending.ts';
import type { Scope } from '../state/scope.ts';
import type { CommandPromise } from './command-promise.ts';
import type { Issuer } from './issuer.ts';

/** Sends a signal to another execution of the namespace. Settles when it stands in that execution's inbox. */
export function sendSignal(
  issuer: Issuer,
  scope: Scope,
  id: string,
  name: string,
  value: unknown,
): CommandPromise<void> {
  issuer.assertRunning();
  const payload = encode(value, `the payload of signal "${name}"`);
  const command = issuer.issue({ kind: 'send', id, name, payload }, scope);
  const promise = issuer.promise<void>();
  const { state } = issuer;
  const send: SendPending = {
    kind: 'send',
    n: state.issued,
    scope,
    settler: promise,
    alarm: null,
    id,
    receiver: null,
    name,
    payload: command.payload,
  };
  promise.command = send.n;
  state.add(send);
  state.effects?.push({ kind: 'send', send });
  return promise;
}
