import { describeCommand } from '../command/command.ts';
import { DfnsError, validation } from '../errors/dfns-error.ts';
import type { RunRow } from '../execution/execution.ts';
import { STATUSES, type Status } from '../execution/status.ts';
import type { Eid, RunId, ShardId } from '../ids/ids.ts';
import { decodeTurn } from '../journal/record.ts';
import type { JournalRow } from '../journal/rows.ts';
import type { Turn } from '../journal/turn.ts';
import { kindOf } from '../options/known-options.ts';
import { fromBase64, toBase64 } from '../payload/base64.ts';
import type { Payload } from '../payload/payload.ts';

const FORMAT = 'dfns-history/1';

/**
 * One run's history as JSON, whole in itself: what `replay` runs against today's code, without a store. It holds the
 * inputs and results of the run as they were recorded: treat it as you treat them.
 */
export interface HistoryFile {
  readonly format: typeof FORMAT;
  readonly execution: {
    readonly namespace: string;
    readonly id: string;
    readonly runId: string;
    readonly workflow: string;
    readonly version: number;
    readonly build: string;
    readonly status: Status;
    /** ISO. */
    readonly startedAt: string;
    readonly closedAt: string | null;
    /** Of the run's random numbers. */
    readonly seed: number;
    readonly lineage: string | null;
    readonly headers: Readonly<Record<string, string>> | null;
    /** When the execution and the run time out: milliseconds since the epoch. */
    readonly deadline: number | null;
    readonly runDeadline: number | null;
  };
  /** Encoded values, in base64: rich ones survive. */
  readonly input: string | null;
  readonly output: string | null;
  readonly carry: string | null;
  readonly turns: readonly HistoryTurn[];
}

export interface HistoryTurn {
  readonly seq: number;
  /** For people and for diffs, not read again: when it was, what came, and what the workflow asked for. */
  readonly at: string;
  readonly messages: readonly string[];
  readonly commands: readonly string[];
  /** The turn itself, in base64. */
  readonly record: string;
}

/** A run and its journal as JSON. */
export function exportHistory(run: RunRow, rows: readonly JournalRow[]): HistoryFile {
  return {
    format: FORMAT,
    execution: {
      namespace: run.namespace,
      id: run.id,
      runId: run.runId,
      workflow: run.workflow,
      version: run.version,
      build: run.build,
      status: run.status,
      startedAt: new Date(run.startedAt).toISOString(),
      closedAt: run.closedAt === null ? null : new Date(run.closedAt).toISOString(),
      seed: run.seed,
      lineage: run.lineage,
      headers: run.headers && Object.fromEntries(run.headers),
      deadline: run.deadline,
      runDeadline: run.runDeadline,
    },
    input: run.input && toBase64(run.input),
    output: run.output && toBase64(run.output),
    carry: run.carry && toBase64(run.carry),
    turns: rows.map(({ seq, turn }) => {
      const { messages, commands } = decodeTurn(seq, turn);
      return {
        seq,
        at: new Date(messages[0]?.at ?? run.startedAt).toISOString(),
        messages: messages.map(message => ('name' in message ? `${message.kind} "${message.name}"` : message.kind)),
        commands: commands.map(describeCommand),
        record: toBase64(turn),
      };
    }),
  };
}

/** What `exportHistory` gave, read back from JSON; VALIDATION says what is wrong with anything else. */
export function parseHistory(value: unknown): { readonly run: RunRow; readonly turns: readonly Turn[] } {
  const file = record(value, 'A history');
  if (file['format'] !== FORMAT) {
    throw validation(
      `That is no history that this version reads: its format is ${JSON.stringify(file['format'])}, not "${FORMAT}". ` +
        'Histories come from handle.exportHistory() and from GET …/history?format=export.',
    );
  }
  const execution = record(file['execution'], 'execution of the history');
  const optional = <T>(of: unknown, read: (of: unknown) => T): T | null => (of === null ? null : read(of));
  const textOf = (name: string) => text(execution[name], `execution.${name}`);
  const countOf = (name: string) => count(execution[name], `execution.${name}`);
  const status = textOf('status') as Status;
  if (!STATUSES.includes(status)) throw validation(`execution.status of the history is ${JSON.stringify(status)}.`);
  const bytes = (name: string) => optional(file[name], of => fromBase64(of, `${name} of the history`));
  const headers = optional(execution['headers'], of => Object.entries(record(of, 'execution.headers')));
  const run: RunRow = {
    // Numbers of a store: what is replayed without one has none.
    eid: 1 as Eid,
    first: 1 as Eid,
    shard: 0 as ShardId,
    namespace: textOf('namespace'),
    id: textOf('id'),
    runId: textOf('runId') as RunId,
    workflow: textOf('workflow'),
    version: countOf('version'),
    build: textOf('build'),
    status,
    startedAt: instant(execution['startedAt'], 'execution.startedAt'),
    closedAt: optional(execution['closedAt'], of => instant(of, 'execution.closedAt')),
    wakeAt: null,
    seed: countOf('seed'),
    lineage: optional(execution['lineage'], of => text(of, 'execution.lineage')),
    parent: null,
    held: null,
    attributes: null,
    details: null,
    headers: headers && new Map(headers.map(([name, of]) => [name, text(of, `header ${name}`)])),
    deadline: optional(execution['deadline'], of => count(of, 'execution.deadline')),
    runDeadline: optional(execution['runDeadline'], of => count(of, 'execution.runDeadline')),
    input: bytes('input') as Payload | null,
    output: bytes('output') as Payload | null,
    carry: bytes('carry'),
    startedBy: null,
    waiting: null,
    turns: 0,
    bytes: 0,
    lastError: null,
  };
  const turns = file['turns'];
  if (!Array.isArray(turns)) throw validation('turns of the history must be a list.');
  return { run, turns: turns.map((each, i) => parseTurn(each, i + 1)) };
}

function parseTurn(value: unknown, seq: number): Turn {
  const turn = record(value, `Turn ${seq} of the history`);
  if (turn['seq'] !== seq) {
    throw validation(`Turn ${seq} of the history is missing: ${JSON.stringify(turn['seq'])} stands in its place.`);
  }
  const bytes = fromBase64(turn['record'], `Turn ${seq} of the history`);
  try {
    return decodeTurn(seq, bytes);
  } catch (error) {
    if (!(error instanceof DfnsError)) throw error;
    throw new DfnsError('VALIDATION', `Turn ${seq} of the history cannot be read: ${error.message}`, { cause: error });
  }
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw validation(`${what} must be an object, as handle.exportHistory() gives it.`);
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw validation(`${what} of the history must be a string, got ${kindOf(value)}.`);
}

function count(value: unknown, what: string): number {
  if (typeof value === 'number') return value;
  throw validation(`${what} of the history must be a number, got ${kindOf(value)}.`);
}

function instant(value: unknown, what: string): number {
  const at = new Date(text(value, what)).getTime();
  if (Number.isNaN(at)) throw validation(`${what} of the history is no time: ${JSON.stringify(value)}.`);
  return at;
}
