import type { Binding } from './bindings.ts';
import { shapeOf } from './document.ts';

/** What an answer with the reply shows: a document. */
export function writeAnswer(binding: Binding, reply: unknown): unknown {
  const { answer, reply: schema } = binding;
  if (answer) return shapeOf(answer.schema).write(answer.write(reply as never));
  return schema ? shapeOf(schema).write(reply) : undefined;
}

/** The reply that an answer shows. */
export function readAnswer(binding: Binding, document: unknown): unknown {
  const { answer, reply: schema } = binding;
  if (answer) return answer.read(shapeOf(answer.schema).read(document, 'The answer') as never);
  return schema ? shapeOf(schema).read(document, 'The answer') : undefined;
}
