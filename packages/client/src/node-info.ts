import type { InfoReply } from './operations/definitions.ts';

/** The node that answers, and what it stands on. */
export interface NodeInfo extends Omit<InfoReply, 'now'> {
  /** By its clock. */
  readonly now: Date;
}

export function readInfo({ now, ...info }: InfoReply): NodeInfo {
  return { ...info, now: new Date(now) };
}
