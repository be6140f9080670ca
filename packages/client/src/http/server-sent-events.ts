import { DfnsError } from '@dfnsjs/actor-core';

/** What stands between two empty lines of an event stream. */
export interface SentEvent {
  /** Where the stream stands; undefined where it does not say. */
  readonly id: string | undefined;
  /** undefined: the block has none, and so is no event. */
  readonly data: string | undefined;
  /** Milliseconds that the server asks to be left alone for after the end. */
  readonly retryMs: number | undefined;
}

/** Two ends of lines. A CR at the end of the text may be the first half of one. */
const EMPTY_LINE = /(?:\r\n|\n|\r(?!\n|$)){2}/g;
/** Characters of one block; a node sends a few hundred. */
const LONGEST_BLOCK = 1024 * 1024;

/**
 * The blocks of an event stream (WHATWG HTML, 9.2.6) as they come; a comment alone is a block without fields. What the
 * end of the stream cuts in two is left out.
 */
export async function* sentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SentEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const ends = [...text.matchAll(EMPTY_LINE)];
      let from = 0;
      for (const { index, 0: end } of ends) {
        yield readBlock(text.slice(from, index));
        from = index + end.length;
      }
      text = text.slice(from);
      if (text.length > LONGEST_BLOCK) {
        throw new DfnsError('INTERNAL', 'What was answered as a stream of events is none. Check what stands between.');
      }
    }
  } finally {
    // Ends the request where it goes on; what it says of that is of no interest any more.
    await reader.cancel().catch(() => undefined);
  }
}

function readBlock(block: string): SentEvent {
  let id: string | undefined;
  let data: string | undefined;
  let retryMs: number | undefined;
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) retryMs = Number(value);
  }
  return { id, data, retryMs };
}
