import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { CONNECTION_OPTIONS } from './cli/connection.ts';
import { EXIT, exitCodeOf } from './cli/exit-code.ts';
import type { Io } from './cli/io.ts';
import { describeFailure } from './cli/failure.ts';
import { paintFor } from './cli/terminal.ts';
import { Given, type OptionSpec, type Verb } from './cli/verb.ts';
import { GROUPS, VERBS, type Entry } from './verbs/table.ts';

/**
 * Runs the command line `args` (without `node` and the program's name). Resolves with the exit code; it never rejects.
 * Only the verb that was asked for is loaded.
 */
export async function runProgram(args: readonly string[], io: Io): Promise<number> {
  const outcome: { code: number } = { code: EXIT.done };
  try {
    const program = await build(args, io, outcome);
    // Commander would take what follows for the value.
    const bare = new Set(program.commands.flatMap(({ options }) => options.filter(isByEquals).map(({ long }) => long)));
    const given = args.map(arg => (bare.has(arg) ? `${arg}=` : arg));
    await program.parseAsync(given, { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (io.interrupted.aborted) return EXIT.interrupted;
    const json = args.includes('--json');
    io.stderr.write(`${describeFailure(error, json, paintFor(io.stderr, io.env), io.env)}\n`);
    return exitCodeOf(error);
  }
}

async function build(args: readonly string[], io: Io, outcome: { code: number }): Promise<Command> {
  const program = root(io);
  const asked = verbOf(args);
  const add = async (name: string, { summary, load }: Entry) => {
    const command = program.command(name).summary(summary);
    inherit(command, io);
    if (name === asked) declare(command, await load(), io, outcome);
  };
  for (const { title, verbs } of GROUPS) {
    program.commandsGroup(`${title}:`);
    for (const name of verbs) await add(name, VERBS[name]);
  }
  await add('completion', COMPLETION);
  return program;
}

const COMPLETION: Entry = {
  summary: 'print a completion script for bash, zsh or fish',
  load: async () => (await import('./completion.ts')).completionOf({ ...VERBS, completion: COMPLETION }),
};

/** The verb whose own declaration is needed: `dfns list …`, `dfns help list`. */
function verbOf(args: readonly string[]): string | undefined {
  const words = args.filter(arg => !arg.startsWith('-'));
  return words[0] === 'help' ? words[1] : words[0];
}

function root(io: Io): Command {
  const program = new Command('dfns')
    .description('Durable workflows for TypeScript.')
    .usage('VERB [options]')
    .helpOption('-h, --help', 'show help; `dfns VERB --help` shows examples')
    .helpCommand('help [verb]', 'show help of a verb')
    .version(versionText(), '-v, --version', 'show the version')
    .addHelpText('after', `\n${OUTLOOK}`);
  inherit(program, io);
  return program;
}

const OUTLOOK = `Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 the execution itself failed,
5 cannot reach a node, 6 partly, 130 interrupted.

Start here:
  $ dfns init my-app     a new project
  $ dfns dev             runs it, and again whenever a file changes`;

function versionText(): string {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What commander does not hand down to verbs by itself. */
function inherit(command: Command, io: Io): void {
  const colour = (output: Io['stdout']) => paintFor(output, io.env)('bold', 'x') !== 'x';
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`(dfns ${command.parent ? `${command.name()} ` : ''}--help says what there is)`)
    .configureOutput({
      writeOut: text => void io.stdout.write(text),
      writeErr: text => void io.stderr.write(text),
      getOutHelpWidth: () => (io.stdout.isTTY ? (io.stdout.columns ?? 80) : 80),
      getErrHelpWidth: () => (io.stderr.isTTY ? (io.stderr.columns ?? 80) : 80),
      getOutHasColors: () => colour(io.stdout),
      getErrHasColors: () => colour(io.stderr),
    })
    .configureHelp({ styleTitle: text => paintFor(io.stdout, io.env)('bold', text) });
}

function declare(command: Command, verb: Verb, io: Io, outcome: { code: number }): void {
  command.description(verb.details ? `${verb.summary}\n\n${verb.details}` : verb.summary);
  for (const [spec, help] of verb.arguments ?? []) command.argument(spec, help);
  for (const spec of verb.options ?? []) command.addOption(asOption(spec));
  if (verb.connects) for (const spec of CONNECTION_OPTIONS) command.addOption(asOption(spec).helpGroup('Connection:'));
  command.addHelpText('after', `\nExamples:\n${verb.examples.map(each => `  $ dfns ${each}`).join('\n')}`);
  command.action(async (...given: unknown[]) => {
    const positional = given.slice(0, verb.arguments?.length ?? 0);
    outcome.code = (await verb.run(new Given(positional, command.opts()), io)) ?? EXIT.done;
  });
}

function isByEquals({ flags }: Option): boolean {
  return flags.endsWith('[=port]');
}

function asOption({ flags, help, many }: OptionSpec): Option {
  const option = new Option(flags, help);
  return many ? option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]) : option;
}
