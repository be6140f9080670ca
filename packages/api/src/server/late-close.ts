import type { Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Node asks a socket to end and be destroyed by it, behind an answer that closes the connection; without it, only to end. */
type Closing = Socket & { destroySoon?: (() => void) | undefined };

/**
 * An answer that is sent before all of its request came reaches the caller: what still comes is read and dropped for
 * `lingerMs`. A connection that closes over bytes that nobody read is reset, and the answer with it (RFC 9112, 9.6).
 */
export function closeLate(request: IncomingMessage, clock: Pick<Clock, 'now' | 'setTimer'>, lingerMs: number): void {
  const socket: Closing = request.socket;
  let timer: Timer | undefined;
  socket.destroySoon = () => {
    socket.end();
    request.resume();
    timer ??= clock.setTimer(clock.now() + lingerMs, () => socket.destroy());
  };
  socket.once('close', () => timer?.cancel());
}
