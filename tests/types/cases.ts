/** One compiler error, at its place. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** A case of a type test: it holds when the compiler had nothing against its lines. */
export interface Verdict {
  readonly title: string;
  readonly errors: readonly string[];
}

/** `others` are lines that name no place in a type test: a wrong option, an error elsewhere. */
export function parseDiagnostics(output: string): { diagnostics: Diagnostic[]; others: string[] } {
  const diagnostics: Diagnostic[] = [];
  const others: string[] = [];
  for (const text of output.split('\n').filter(Boolean)) {
    const place = /^([^\s(]+\.test-d\.ts)\((\d+),\d+\): /.exec(text);
    if (place) diagnostics.push({ file: place[1] ?? '', line: Number(place[2]), text });
    // What goes on from the line above is indented.
    else if (!text.startsWith(' ')) others.push(text);
  }
  return { diagnostics, others };
}

/**
 * The verdicts on a file: a case for each line `// case: …`, which lasts to the next one. Lines above the first are a
 * case of their own if they have errors. A file without a case tests nothing, which is an error.
 */
export function judge(file: string, source: string, diagnostics: readonly Diagnostic[]): Verdict[] {
  const starts = source.split('\n').flatMap((line, index) => {
    const title = /^\/\/ case: (.+)$/.exec(line)?.[1];
    return title === undefined ? [] : [{ title: `${file} › ${title}`, line: index + 1 }];
  });
  if (starts.length === 0) return [{ title: file, errors: ['It has no line "// case: …".'] }];
  const errorsIn = (from: number, to: number) =>
    diagnostics.filter(({ file: at, line }) => at === file && line >= from && line < to).map(({ text }) => text);
  const head = errorsIn(0, starts[0]?.line ?? 0);
  return [
    ...(head.length > 0 ? [{ title: `${file} › its head`, errors: head }] : []),
    ...starts.map(({ title, line }, index) => ({ title, errors: errorsIn(line, starts[index + 1]?.line ?? Infinity) })),
  ];
}
