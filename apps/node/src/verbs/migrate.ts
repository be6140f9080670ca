import { migrateStore, type Migrated } from '@dfnsjs/storage';
import { EXIT } from '../cli/exit-code.ts';
import { toJson } from '../cli/json.ts';
import { hidePassword } from '../cli/secrets.ts';
import { say } from '../cli/terminal.ts';
import { usage, type Verb } from '../cli/verb.ts';

export const verb: Verb = {
  summary: 'Bring a store that nodes share to the schema of this build.',
  details:
    'Nodes never do so by themselves: run it before a new build is deployed. The builds before and after it run on ' +
    'either side. With --check nothing is changed; it ends with 1 where something is pending.',
  options: [
    { flags: '--store <url>', help: 'postgres://… (DFNS_STORE)' },
    { flags: '--check', help: 'only tell what is pending' },
    { flags: '--json', help: 'as JSON' },
  ],
  examples: ['migrate --store postgres://dfns@db/app', 'migrate --check'],
  async run(given, io) {
    const store = given.text('store') ?? io.env['DFNS_STORE'];
    if (!store) throw usage('Name the store: --store postgres://… or DFNS_STORE.');
    const check = given.flag('check');
    const migrated = await migrateStore(store, { check });
    const { from, to, steps } = migrated ?? { from: null, to: null, steps: [] };
    const shown = { store: hidePassword(store), from, to, steps };
    say(io, given.flag('json') ? toJson(shown) : report(shown.store, migrated, check));
    return check && steps.length > 0 ? EXIT.failed : EXIT.done;
  },
};

function report(store: string, migrated: Migrated | undefined, check: boolean): string {
  if (!migrated) return `${store} is a store of one process: it is migrated when it is opened.`;
  const { from, to, steps } = migrated;
  if (steps.length === 0) return `${store} has schema ${to}: there is nothing to do.`;
  const does = check ? 'is to be brought' : 'was brought';
  return `${store} ${does} from schema ${from} to ${to}: ${steps.join(', ')}`;
}
