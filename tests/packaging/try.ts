import { resolve } from 'node:path';
import { newProject } from './pack.ts';

// `npm run try DIR`: npm runs it in the clone, whoever typed it may be in a folder below.
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Name the folder of the new project: npm run try ../my-app');
  process.exit(2);
}
newProject(resolve(process.env['INIT_CWD'] ?? '.', folder));
console.log('\nIts dfns is this clone as it is now, packed.');
