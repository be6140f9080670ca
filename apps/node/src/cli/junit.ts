import type { Finding } from './lint.ts';

/** Findings as a JUnit report, a test case each: what CI systems show. */
export function junit(findings: readonly Finding[]): string {
  const failures = findings.filter(({ ok }) => !ok).length;
  const cases = findings.map(({ kind, place, ok, message }) => {
    const open = `    <testcase classname="dfns.${kind}" name="${escape(place)}"`;
    return ok ? `${open}/>` : `${open}>\n      <failure message="${escape(message)}"/>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="dfns check" tests="${findings.length}" failures="${failures}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function escape(text: string): string {
  return (
    text
      // XML has no form for most control characters at all.
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"'\n\t]/g, char => `&#${char.charCodeAt(0)};`)
  );
}
