import test, { type ExecutionContext } from 'ava';
import { Misfits } from './misfit-prompt.ts';
import type { Held } from './protocol.ts';

const held = (id: string): Held => ({ kind: 'held', id, workflow: 'order', message: 'Turn 1 differs.' });

/** Misfits whose questions a test answers, one after the other. */
function scene(t: ExecutionContext, terminal = true) {
  const started: string[] = [];
  const said: string[] = [];
  const questions: { text: string; answer: (text: string) => void }[] = [];
  const misfits = new Misfits(
    {
      stdout: { write: text => said.push(text) },
      stderr: { write: text => said.push(text) },
      readStdin: async () => '',
      env: {},
      cwd: '/',
      interrupted: new AbortController().signal,
      connect: () => t.fail(),
      ask: terminal
        ? (text, signal) =>
            new Promise((answer, refuse) => {
              questions.push({ text, answer });
              signal.addEventListener('abort', () => refuse(new Error('aborted')));
            })
        : undefined,
    },
    id => started.push(id),
  );
  const settle = () => new Promise(setImmediate);
  const answer = async (text: string) => {
    questions.shift()?.answer(text);
    await settle();
  };
  return { misfits, started, said, questions, answer, settle };
}

test('each is asked about by itself, and started again only on a yes', async t => {
  const { misfits, started, questions, answer } = scene(t);
  for (const id of ['a', 'b', 'c']) misfits.add(held(id));
  t.is(questions.length, 1);
  await answer('n');
  await answer('');
  await answer('Yes');
  t.deepEqual(started, ['c']);
});

test('all are all of this build, those to come too', async t => {
  const { misfits, started, answer, questions } = scene(t);
  for (const id of ['a', 'b']) misfits.add(held(id));
  await answer('a');
  misfits.add(held('c'));
  t.deepEqual(started, ['a', 'b', 'c']);
  misfits.forget();
  misfits.add(held('d'));
  t.is(questions.length, 1);
  t.deepEqual(started, ['a', 'b', 'c']);
});

test('another build takes a question back', async t => {
  const { misfits, started, questions, answer, settle } = scene(t);
  for (const id of ['a', 'b']) misfits.add(held(id));
  misfits.forget();
  await settle();
  misfits.add(held('c'));
  t.regex(questions[1]?.text ?? '', /^Terminate c /);
  await answer('y');
  await answer('y');
  t.deepEqual(started, ['c']);
});

test('where nobody can answer, a line says what can be done', t => {
  const { misfits, started, said } = scene(t, false);
  misfits.add(held('a'));
  t.regex(said.join(''), /^a \(order\) does not fit the edited code\. Turn 1 differs\.\n.*dfns terminate a/);
  t.deepEqual(started, []);
});

test('one that fits again is asked about no more, and the next is', async t => {
  const { misfits, started, said, questions, settle, answer } = scene(t);
  for (const id of ['a', 'b', 'c']) misfits.add(held(id));
  misfits.fits({ kind: 'fits', id: 'b', goesOn: true });
  misfits.fits({ kind: 'fits', id: 'a', goesOn: false });
  await settle();
  t.regex(said.join(''), /b fits the code again, and goes on/);
  t.notRegex(said.join(''), /a fits/);
  questions.shift();
  t.regex(questions[0]?.text ?? '', /^Terminate c /);
  await answer('y');
  t.deepEqual(started, ['c']);
  t.is(questions.length, 0);
});
