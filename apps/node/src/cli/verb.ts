import { DfnsError } from '@dfnsjs/actor-core';
import { parseDuration } from '@dfnsjs/actor-core/values';
import type { Io } from './io.ts';

/** One verb of the command: what it takes, and what it does. Plain data, so that help and completion follow from it. */
export interface Verb {
  /** For the list of verbs. */
  readonly summary: string;
  /** What help adds below the summary. */
  readonly details?: string | undefined;
  /** As commander writes them: `<id>`, `[json]`, `[files...]`. */
  readonly arguments?: readonly (readonly [spec: string, help: string])[] | undefined;
  readonly options?: readonly OptionSpec[] | undefined;
  /** It talks to a node: takes `--url`, `--api-key`, `--namespace`, `--profile`. */
  readonly connects?: boolean | undefined;
  readonly examples: readonly string[];
  /** Resolves with the exit code; undefined is 0. */
  run(given: Given, io: Io): Promise<number | void>;
}

/**
 * Flags as commander writes them, such as `--id <id>`; `many` may be given several times. A value that may be left out is
 * `[=port]`: given by `=` alone, as Node's own, so that what follows the flag stays an argument. Left out it is ''.
 */
export interface OptionSpec {
  readonly flags: string;
  readonly help: string;
  readonly many?: boolean | undefined;
}

/** What was given on the command line. Reading it parses it: VALIDATION names the flag. */
export class Given {
  readonly #args: readonly unknown[];
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(args: readonly unknown[], options: Readonly<Record<string, unknown>>) {
    this.#args = args;
    this.#options = options;
  }

  /** An argument that the verb requires, by position. */
  argument(position: number): string {
    return String(this.#args[position]);
  }

  optionalArgument(position: number): string | undefined {
    return this.#args[position] as string | undefined;
  }

  /** A variadic argument. */
  rest(position: number): readonly string[] {
    return (this.#args[position] ?? []) as readonly string[];
  }

  text(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  many(name: string): readonly string[] {
    return (this.#options[name] ?? []) as readonly string[];
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text)) throw usage(`${flagOf(name)} must be a whole number, got ${JSON.stringify(text)}.`);
    return Number(text);
  }

  /** Milliseconds; the unit is required. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseDuration(text, flagOf(name));
  }
}

/** What was typed is wrong: exit code 2. */
export function usage(message: string): DfnsError {
  return new DfnsError('VALIDATION', message);
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}
