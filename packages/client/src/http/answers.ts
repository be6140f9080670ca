import type { Binding } from './bindings.ts';

/** What an answer with the reply shows: a document. */
export function writeAnswer({ answer, gives }: Binding, reply: unknown): unknown {
  return gives?.write(answer ? answer.write(reply as never) : reply);
}

/** The reply that an answer shows. */
export function readAnswer({ answer, gives }: Binding, document: unknown): unknown {
  const shown = gives?.read(document, 'The answer');
  return answer ? answer.read(shown as never) : shown;
}
