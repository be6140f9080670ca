import type { DefinitionsReply, InfoReply } from './operations/definitions.ts';

/** The workflows and tasks of a node, with the JSON Schemas that their schemas tell. */
export type Definitions = DefinitionsReply;

/** The node that answers, and what it stands on. */
export interface NodeInfo extends Omit<InfoReply, 'now'> {
  /** By its clock. */
  readonly now: Date;
}

export function readInfo({ now, ...info }: InfoReply): NodeInfo {
  return { ...info, now: new Date(now) };
}
