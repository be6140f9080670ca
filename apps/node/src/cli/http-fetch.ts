import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Fetch, Fetched } from '@dfnsjs/client';

/**
 * What the client needs of `fetch`, over Node's own HTTP: `fetch` takes longer to load than all else that a verb does.
 * So would an import, which asks the module for all that it has, `WebSocket` included.
 */
export const httpFetch: Fetch = (url, { method, headers, body, signal }) => {
  const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http');
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown) => reject(reasonOf(error, signal));
    if (signal.aborted) return refuse(undefined);
    const sent = request(url, { method, headers, signal }, message => {
      const { location } = message.headers;
      if (location === undefined || !REDIRECTS.has(message.statusCode!)) return resolve(fetched(message, signal));
      message.destroy();
      refuse(new Error('unexpected redirect'));
    });
    sent.on('error', refuse).end(body);
  });
};

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function fetched(message: IncomingMessage, signal: AbortSignal): Fetched {
  const status = message.statusCode!;
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: name => message.headersDistinct[name]?.join(', ') ?? null },
    get body() {
      return Readable.toWeb(message) as ReadableStream<Uint8Array>;
    },
    async text() {
      let text = '';
      try {
        for await (const part of message.setEncoding('utf8')) text += part as string;
      } catch (error) {
        throw reasonOf(error, signal);
      }
      return text;
    },
  };
}

/** Whoever ended it by the signal is told the reason of that. */
function reasonOf(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : error;
}
