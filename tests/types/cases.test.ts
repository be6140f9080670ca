import test from 'ava';
import { judge, parseDiagnostics } from './cases.ts';

const source = ['import x from "x";', '// case: one', 'const a = 1;', '', '// case: two', '  // case: indented'].join(
  '\n',
);
const at = (line: number, file = 'a.test-d.ts') => ({ file, line, text: `error on ${line}` });

test('an error fails the case that it lies in, and no other', t => {
  t.deepEqual(judge('a.test-d.ts', source, [at(3), at(5, 'b.test-d.ts')]), [
    { title: 'a.test-d.ts › one', errors: ['error on 3'] },
    { title: 'a.test-d.ts › two', errors: [] },
  ]);
});

test('an error on the line of a case is that case', t => {
  t.deepEqual(judge('a.test-d.ts', source, [at(5)])[1]?.errors, ['error on 5']);
});

test('an error above all cases is reported', t => {
  t.deepEqual(judge('a.test-d.ts', source, [at(1)])[0], {
    title: 'a.test-d.ts › its head',
    errors: ['error on 1'],
  });
});

test('a file without cases is an error', t => {
  t.is(judge('a.test-d.ts', 'const a = 1;', [])[0]?.errors.length, 1);
});

test('diagnostics are told from what has no place', t => {
  const output = [
    "a.test-d.ts(12,7): error TS2322: Type 'string' is not …",
    '  its second line',
    "error TS5023: Unknown compiler option 'x'.",
    '../../packages/x/dist/index.d.ts(1,1): error TS1: …',
    '',
  ].join('\n');
  const { diagnostics, others } = parseDiagnostics(output);
  t.deepEqual(
    diagnostics.map(({ file, line }) => [file, line]),
    [['a.test-d.ts', 12]],
  );
  t.is(others.length, 2);
});
