import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { CLUSTER_MUTATIONS, edited, MUTATIONS } from './mutations.ts';

const ROOT = join(import.meta.dirname, '../..');

for (const { name, edits } of [...MUTATIONS, ...CLUSTER_MUTATIONS]) {
  test(`"${name}" still applies`, async t => {
    const texts = new Map<string, string>();
    for (const edit of edits) {
      const text = texts.get(edit.file) ?? (await readFile(join(ROOT, edit.file), 'utf8'));
      texts.set(edit.file, edited(text, edit));
    }
    t.true(texts.size > 0);
  });
}

test('an edit of text that is gone, or there twice, is refused', t => {
  t.throws(() => edited('abc', { file: 'x', from: 'd', to: '' }), { message: /exactly once/ });
  t.throws(() => edited('aba', { file: 'x', from: 'a', to: '' }), { message: /exactly once/ });
  t.is(edited('abc', { file: 'x', from: 'b', to: 'd' }), 'adc');
});
