import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { FOLDER, referencePages } from './reference/pages.ts';

const pages = await referencePages();

test('the reference has the pages that the code gives, and no others', t => {
  t.deepEqual(readdirSync(FOLDER).toSorted(), [...pages.keys()].toSorted());
});

for (const [file, text] of pages) {
  test(`docs/reference/${file} says what the code says: if not, run npm run docs`, t => {
    t.is(readFileSync(join(FOLDER, file), 'utf8'), text);
  });
}

test('every public name says what it is', t => {
  const silent = [...pages].flatMap(([file, text]) =>
    [...text.matchAll(/^### (\S+)\n\n```typescript/gm)].map(([, name]) => `${file} ${name}`),
  );
  t.deepEqual(silent, []);
});
