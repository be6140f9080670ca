/** What no reader should edit. */
export const GENERATED = '<!-- Made by `npm run docs` from the code: change that, not this page. -->';

export function page(title: string, parts: readonly string[]): string {
  return `${[GENERATED, `# ${title}`, ...parts].join('\n\n')}\n`;
}

/** Examples in doc comments stand for themselves: they are no programs of the page, which would be run. */
export function prose(doc: string): string {
  return doc.replaceAll(/^```ts$/gm, '```typescript');
}

export function block(language: 'typescript' | 'text', code: string): string {
  return `\`\`\`${language}\n${code}\n\`\`\``;
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(row => line(row.map(cell)))].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

export const code = (text: string) => `\`${text}\``;
