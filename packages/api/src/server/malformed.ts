import type { Socket } from 'node:net';
import { JSON_TYPE } from '../routes/context.ts';

/** Where Node keeps the answer that is on its way: it looks there itself, where it has no handler. */
type Answering = Socket & { readonly _httpMessage?: { readonly headersSent: boolean } | null };

/**
 * What the HTTP parser refused: there is no request to answer to. An answer that has begun, as that to a batch whose
 * lines take too long, is cut off: text behind it would be taken for a part of it.
 */
export function answerMalformed(error: Error & { readonly code?: string }, socket: Answering): void {
  // oxlint-disable-next-line no-underscore-dangle
  const isAnswering = socket._httpMessage?.headersSent;
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
    socket.destroy();
    return;
  }
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The headers are too large; ids have at most 512 bytes.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request took too long to arrive.']
        : ['400 Bad Request', 'The request is not well-formed HTTP.'];
  const body = JSON.stringify({ error: { code: 'VALIDATION', message } });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
