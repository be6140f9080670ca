import type { MessageId } from '../ids/ids.ts';
import type { AttributeValue } from '../execution/attributes.ts';
import type { Payload } from '../payload/payload.ts';
import type { Millis } from '../time/duration.ts';

/** A task's or step's work. Its first attempt needs no row of its own: it runs again if the node dies. */
export interface TaskCommand {
  readonly kind: 'task';
  readonly name: string;
  /** A step is an inline function: it has no input. */
  readonly step: boolean;
  readonly input: Payload | null;
  /** When `totalTimeout` ends it. */
  readonly deadline: Millis | null;
  /** Shown beside the name. */
  readonly label: string | null;
}

export interface TimerCommand {
  readonly kind: 'timer';
  readonly due: Millis;
}

export interface WaitCommand {
  readonly kind: 'wait';
  readonly names: readonly string[];
  readonly due: Millis | null;
}

export interface ConditionCommand {
  readonly kind: 'condition';
  readonly due: Millis | null;
}

/** A signal to another execution. */
export interface SendCommand {
  readonly kind: 'send';
  readonly id: string;
  readonly name: string;
  readonly payload: Payload;
}

export interface AttributesCommand {
  readonly kind: 'attributes';
  readonly changes: readonly (readonly [string, AttributeValue | null])[];
}

export interface DetailsCommand {
  readonly kind: 'details';
  readonly text: string;
}

/** The outcome of an update. */
export interface AnswerCommand {
  readonly kind: 'answer';
  readonly id: MessageId;
  readonly ok: boolean;
  readonly payload: Payload;
}

/** The run ends and the next begins. Its input stands in the next run's row. */
export interface ContinueCommand {
  readonly kind: 'continue';
  readonly version: number | null;
  readonly input: Payload;
}

export interface CloseCommand {
  readonly kind: 'close';
  readonly status: 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed-out';
}

/** All that workflow code asks for. Commands are numbered per run from 1 in the order of the calls. */
export type Command =
  | TaskCommand
  | TimerCommand
  | WaitCommand
  | ConditionCommand
  | SendCommand
  | AttributesCommand
  | DetailsCommand
  | AnswerCommand
  | ContinueCommand
  | CloseCommand;

/** What replay compares and people read: the kind and the name of what was asked for. */
export function describeCommand(command: Command): string {
  switch (command.kind) {
    case 'task':
      return `${command.step ? 'step' : 'task'} "${command.name}"`;
    case 'timer':
      return 'sleep';
    case 'wait':
      return `wait for signal ${command.names.map(name => `"${name}"`).join(' or ')}`;
    case 'condition':
      return 'condition';
    case 'send':
      return `signal "${command.name}" to "${command.id}"`;
    case 'attributes':
      return 'set attributes';
    case 'details':
      return 'set details';
    case 'answer':
      return `answer of update ${command.id}`;
    case 'continue':
      return 'continue as new';
    case 'close':
      return `end as ${command.status}`;
  }
}
