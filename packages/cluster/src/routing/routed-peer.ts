import type { CallName } from './calls.ts';
import type { Peer } from './peer.ts';

type Call = (name: CallName, args: readonly unknown[]) => Promise<unknown>;

/** A peer whose every call is routed. */
export class RoutedPeer implements Peer {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  start(...args: Parameters<Peer['start']>): ReturnType<Peer['start']> {
    return this.#call('start', args) as ReturnType<Peer['start']>;
  }

  signal(...args: Parameters<Peer['signal']>): ReturnType<Peer['signal']> {
    return this.#call('signal', args) as ReturnType<Peer['signal']>;
  }

  update(...args: Parameters<Peer['update']>): ReturnType<Peer['update']> {
    return this.#call('update', args) as ReturnType<Peer['update']>;
  }

  startUpdate(...args: Parameters<Peer['startUpdate']>): ReturnType<Peer['startUpdate']> {
    return this.#call('startUpdate', args) as ReturnType<Peer['startUpdate']>;
  }

  updateOutcome(...args: Parameters<Peer['updateOutcome']>): ReturnType<Peer['updateOutcome']> {
    return this.#call('updateOutcome', args) as ReturnType<Peer['updateOutcome']>;
  }

  signalWithStart(...args: Parameters<Peer['signalWithStart']>): ReturnType<Peer['signalWithStart']> {
    return this.#call('signalWithStart', args) as ReturnType<Peer['signalWithStart']>;
  }

  updateWithStart(...args: Parameters<Peer['updateWithStart']>): ReturnType<Peer['updateWithStart']> {
    return this.#call('updateWithStart', args) as ReturnType<Peer['updateWithStart']>;
  }

  query(...args: Parameters<Peer['query']>): ReturnType<Peer['query']> {
    return this.#call('query', args) as ReturnType<Peer['query']>;
  }

  cancel(...args: Parameters<Peer['cancel']>): ReturnType<Peer['cancel']> {
    return this.#call('cancel', args) as ReturnType<Peer['cancel']>;
  }

  terminate(...args: Parameters<Peer['terminate']>): ReturnType<Peer['terminate']> {
    return this.#call('terminate', args) as ReturnType<Peer['terminate']>;
  }

  retry(...args: Parameters<Peer['retry']>): ReturnType<Peer['retry']> {
    return this.#call('retry', args) as ReturnType<Peer['retry']>;
  }

  remove(...args: Parameters<Peer['remove']>): ReturnType<Peer['remove']> {
    return this.#call('remove', args) as ReturnType<Peer['remove']>;
  }

  amend(...args: Parameters<Peer['amend']>): ReturnType<Peer['amend']> {
    return this.#call('amend', args) as ReturnType<Peer['amend']>;
  }

  overrideTask(...args: Parameters<Peer['overrideTask']>): ReturnType<Peer['overrideTask']> {
    return this.#call('overrideTask', args) as ReturnType<Peer['overrideTask']>;
  }

  result(...args: Parameters<Peer['result']>): ReturnType<Peer['result']> {
    return this.#call('result', args) as ReturnType<Peer['result']>;
  }

  turn(...args: Parameters<Peer['turn']>): ReturnType<Peer['turn']> {
    return this.#call('turn', args) as ReturnType<Peer['turn']>;
  }

  glimpseCommitted(...args: Parameters<Peer['glimpseCommitted']>): ReturnType<Peer['glimpseCommitted']> {
    return this.#call('glimpseCommitted', args) as ReturnType<Peer['glimpseCommitted']>;
  }

  workflowOf(...args: Parameters<Peer['workflowOf']>): ReturnType<Peer['workflowOf']> {
    return this.#call('workflowOf', args) as ReturnType<Peer['workflowOf']>;
  }
}
