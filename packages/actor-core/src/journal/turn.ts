import type { Command } from '../command/command.ts';
import type { Message } from '../message/message.ts';

/** What one commit of an actor journals: the messages applied since the last one and the commands they led to. */
export interface Turn {
  readonly seq: number;
  readonly messages: readonly Message[];
  readonly commands: readonly Command[];
  /** W3C trace context of the first message's caller. */
  readonly traceparent: string | null;
}
