import type { Command, Message, RunRow, Turn } from '@dfnsjs/actor-core/records';
import type { HistoryEvent } from '@dfnsjs/client';
import { attributeRecord } from './describe.ts';

type Event = Omit<HistoryEvent, 'seq' | 'turn' | 'at'>;

/** A run's turns as events for people: what each turn took, then what its code asked for. */
export function eventsOf(run: RunRow, turns: readonly Turn[]): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const commands: Command[] = [];
  const updates = new Map<string, string>();
  for (const { seq: turn, messages, commands: asked } of turns) {
    let at = run.startedAt;
    const add = (event: Event) => events.push({ seq: events.length + 1, turn, at, ...event });
    for (const message of messages) {
      ({ at } = message);
      if (message.kind === 'update') updates.set(message.id, message.name);
      for (const event of messageEvents(run, message, n => nameOf(commands[n - 1]))) add(event);
    }
    for (const command of asked) {
      const n = commands.push(command);
      add({ command: n, ...commandEvent(run, command, updates) });
    }
  }
  return events;
}

function messageEvents(run: RunRow, message: Message, nameOfCommand: (n: number) => Pick<Event, 'name'>): Event[] {
  switch (message.kind) {
    case 'start':
      return [{ type: 'started', ...(run.input === null ? {} : { value: run.input }) }];
    case 'task-done': {
      const { command, attempt, result } = message;
      return [{ type: 'task-completed', command, ...nameOfCommand(command), attempt, value: result }];
    }
    case 'task-failed': {
      const { command, attempt, error, retryAt } = message;
      const until = retryAt === null ? {} : { until: retryAt };
      return [{ type: 'task-failed', command, ...nameOfCommand(command), attempt, error, ...until }];
    }
    case 'task-started':
      return [{ type: 'task-started', command: message.command, ...nameOfCommand(message.command) }];
    case 'timer':
      return [{ type: 'timer-fired', command: message.command, ...nameOfCommand(message.command) }];
    case 'signal':
      return [{ type: 'signal-received', name: message.name, value: message.payload }];
    case 'update':
      return [{ type: 'update-received', name: message.name, updateId: message.id, value: message.payload }];
    case 'sent': {
      const { command, error } = message;
      return [{ type: 'signal-sent', command, ...nameOfCommand(command), ...(error ? { error } : {}) }];
    }
    case 'cancel':
      return [{ type: 'cancel-requested', ...reasonOf(message) }];
    case 'terminate':
      return [{ type: 'terminate-requested', ...reasonOf(message) }];
    case 'timeout':
      return [{ type: 'timed-out', reason: message.of }];
    case 'crash':
      if (message.commands.length === 0) return [{ type: 'node-crashed' }];
      return message.commands.map(command => ({ type: 'node-crashed', command, ...nameOfCommand(command) }));
    case 'retry':
      return [{ type: 'retried' }];
    case 'amend':
      return [{ type: 'attributes-set', attributes: attributeRecord(message.changes) }];
    case 'task-override': {
      const { command, action, payload } = message;
      const outcome = payload === null ? {} : action === 'fail' ? { error: payload } : { value: payload };
      return [{ type: 'task-overridden', command, ...nameOfCommand(command), reason: action, ...outcome }];
    }
    case 'reset':
      return [{ type: 'reset' }];
  }
}

function commandEvent(run: RunRow, command: Command, updates: ReadonlyMap<string, string>): Event {
  switch (command.kind) {
    case 'task': {
      const { name, input, label, deadline } = command;
      return {
        type: 'task-scheduled',
        name,
        ...(input === null ? {} : { value: input }),
        ...(label === null ? {} : { label }),
        ...(deadline === null ? {} : { until: deadline }),
      };
    }
    case 'timer':
      return { type: 'timer-set', until: command.due };
    case 'wait':
      return { type: 'signal-awaited', ...nameOf(command), ...(command.due === null ? {} : { until: command.due }) };
    case 'condition':
      return { type: 'condition-awaited', ...(command.due === null ? {} : { until: command.due }) };
    case 'send':
      return { type: 'signal-sending', name: command.name, to: command.id, value: command.payload };
    case 'attributes':
      return { type: 'attributes-set', attributes: attributeRecord(command.changes) };
    case 'details':
      return { type: 'details-set', details: command.text };
    case 'answer': {
      const name = updates.get(command.id);
      const outcome = command.ok ? { value: command.payload } : { error: command.payload };
      return { type: 'update-answered', updateId: command.id, ...(name === undefined ? {} : { name }), ...outcome };
    }
    case 'continue':
      return { type: 'continued-as-new', value: command.input };
    case 'close': {
      const { output } = run;
      const outcome = output === null ? {} : command.status === 'completed' ? { value: output } : { error: output };
      return { type: 'closed', status: command.status, ...outcome };
    }
  }
}

function nameOf(command: Command | undefined): Pick<Event, 'name'> {
  switch (command?.kind) {
    case 'task':
    case 'send':
      return { name: command.name };
    case 'wait':
      return { name: command.names.join(', ') };
    default:
      return {};
  }
}

function reasonOf({ reason }: { readonly reason: string | null }): Pick<Event, 'reason'> {
  return reason === null ? {} : { reason };
}
