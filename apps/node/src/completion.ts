import { CONNECTION_OPTIONS } from './cli/connection.ts';
import { say } from './cli/terminal.ts';
import { usage, type Verb } from './cli/verb.ts';
import type { Entry } from './verbs/table.ts';

interface Known {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly { readonly name: string; readonly help: string }[];
}

const SHELLS: Readonly<Record<string, (verbs: readonly Known[]) => string>> = { bash, zsh, fish };

/** The verb that writes completion of all verbs. */
export const completionOf = (verbs: Readonly<Record<string, Entry>>): Verb => ({
  summary: 'Print a completion script.',
  arguments: [['<shell>', 'bash, zsh or fish']],
  examples: [
    'completion bash > ~/.local/share/bash-completion/completions/dfns',
    'completion zsh > "${fpath[1]}/_dfns"',
    'completion fish > ~/.config/fish/completions/dfns.fish',
  ],
  async run(given, io) {
    const shell = given.argument(0);
    const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (!script) throw usage(`There is no completion for "${shell}": it is bash, zsh or fish.`);
    const known = await Promise.all(
      Object.entries(verbs).map(async ([name, { summary, load }]) => {
        const { options = [], connects } = await load();
        const all = [...options, ...(connects ? CONNECTION_OPTIONS : [])];
        return { name, summary, flags: all.map(({ flags, help }) => ({ name: /--[a-z-]+/.exec(flags)![0], help })) };
      }),
    );
    say(io, script(known));
  },
});

const flagsOf = ({ flags }: Known) => [...flags.map(({ name }) => name), '--help'].join(' ');

function bash(verbs: readonly Known[]): string {
  return `_dfns() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${verbs.map(({ name }) => name).join(' ')} help --help --version"
  else
    case "\${COMP_WORDS[1]}" in
${verbs.map(verb => `      ${verb.name}) words="${flagsOf(verb)}" ;;`).join('\n')}
    esac
  fi
  if [ "$COMP_CWORD" -gt 1 ] && [[ "$word" != -* ]]; then COMPREPLY=($(compgen -f -- "$word"))
  else COMPREPLY=($(compgen -W "$words" -- "$word")); fi
}
complete -F _dfns dfns`;
}

function zsh(verbs: readonly Known[]): string {
  const quote = (text: string) => text.replace(/['\\[\]:]/g, char => (char === "'" ? `'\\''` : `\\${char}`));
  return `#compdef dfns
_dfns() {
  local -a verbs
  verbs=(
${verbs.map(({ name, summary }) => `    '${name}:${quote(summary)}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  case "$words[2]" in
${verbs
  .map(
    ({ name, flags }) =>
      `    ${name}) _arguments ${flags.map(flag => `'${flag.name}[${quote(flag.help)}]'`).join(' ')} '*:file:_files' ;;`,
  )
  .join('\n')}
  esac
}
_dfns "$@"`;
}

function fish(verbs: readonly Known[]): string {
  const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  return verbs
    .flatMap(({ name, summary, flags }) => [
      `complete -c dfns -n __fish_use_subcommand -a ${name} -d ${quote(summary)} -f`,
      ...flags.map(
        flag =>
          `complete -c dfns -n '__fish_seen_subcommand_from ${name}' -l ${flag.name.slice(2)} -d ${quote(flag.help)}`,
      ),
    ])
    .join('\n');
}
