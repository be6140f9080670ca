import { open, Session, url, waitForDebugger } from 'node:inspector';
import { DfnsError } from '@dfnsjs/actor-core';

/** As Node's own `--inspect-brk`. */
export const INSPECTOR_PORT = 9_229;

/** Lets a debugger attach, and waits until one has. UNAVAILABLE where the port is in use. */
export function awaitDebugger(port: number): void {
  open(port, '127.0.0.1', false);
  // Node says on standard error why there is none, and goes on.
  if (url() === undefined) {
    throw new DfnsError('UNAVAILABLE', `No debugger can attach on port ${port}: choose another by --inspect-brk=PORT.`);
  }
  waitForDebugger();
}

/** Stops in the debugger at the first line of each of the functions, whenever it is called. */
export function breakIn(functions: readonly object[]): void {
  const session = new Session();
  session.connect();
  session.post('Debugger.enable');
  const room = globalThis as { dfnsBreaksIn?: object };
  for (const each of functions) {
    room.dfnsBreaksIn = each;
    // `debug` is there for whoever types in a debugger. It is done when `post` returns.
    session.post('Runtime.evaluate', {
      expression: 'debug(globalThis.dfnsBreaksIn)',
      includeCommandLineAPI: true,
    });
  }
  delete room.dfnsBreaksIn;
}
