import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './terminal.ts';
import { printable } from './terminal.ts';

export interface Column<Row> {
  readonly title: string;
  cell(row: Row): string;
  /** Colours the cell; its width is measured before. */
  paint?(row: Row, text: string, paint: Paint): string;
  /** It is cut where the table is too wide, the widest first. */
  readonly shrinks?: boolean | undefined;
}

const GAP = '  ';
/** Cut no further: below that nobody could tell two apart. */
const NARROWEST = 8;

/**
 * A table that fits `width` characters: cells of columns that shrink are cut with an ellipsis; one whose cells are all
 * empty is left out.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string {
  const cells = rows.map(row => columns.map(column => printable(column.cell(row))));
  const shown = columns.map((column, i) => ({ column, i })).filter(({ i }) => cells.some(row => row[i] !== ''));
  const widths = fit(
    shown.map(({ column, i }) => ({
      wanted: Math.max(displayWidth(column.title), ...cells.map(row => displayWidth(row[i] ?? ''))),
      shrinks: column.shrinks === true,
    })),
    width,
  );
  const line = (texts: readonly string[]) => texts.join(GAP).trimEnd();
  const head = line(shown.map(({ column }, n) => pad(cut(column.title, widths[n] ?? 0), widths[n] ?? 0)));
  const body = rows.map((row, r) =>
    line(
      shown.map(({ column, i }, n) => {
        const text = cut(cells[r]?.[i] ?? '', widths[n] ?? 0);
        const painted = column.paint ? column.paint(row, text, paint) : text;
        return painted + ' '.repeat(Math.max(0, (widths[n] ?? 0) - displayWidth(text)));
      }),
    ),
  );
  return [paint('dim', head), ...body].join('\n');
}

function fit(columns: readonly { wanted: number; shrinks: boolean }[], width: number): readonly number[] {
  const widths = columns.map(({ wanted }) => wanted);
  let over = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - width;
  while (over > 0) {
    let widest = -1;
    for (const [i, { shrinks }] of columns.entries()) {
      const here = widths[i] ?? 0;
      if (shrinks && here > NARROWEST && here > (widths[widest] ?? 0)) widest = i;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over -= 1;
  }
  return widths;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Columns of a terminal that text takes: wide characters of East Asia and emoji take two, marks none. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0000-\u02ff]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of segments(plain)) width += isWide(segment) ? 2 : 1;
  return width;
}

let segmenter: Intl.Segmenter | undefined;
/** Made when a text needs it: a segmenter takes as long to make as a small program to start. */
function segments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

function isWide(segment: string): boolean {
  return /\p{Emoji_Presentation}|\p{sc=Han}|\p{sc=Hangul}|\p{sc=Hiragana}|\p{sc=Katakana}|[\uff01-\uff60\u3000-\u303f]/u.test(
    segment,
  );
}

/** Cut to a width, its end an ellipsis. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segments(text)) {
    const size = isWide(segment) ? 2 : 1;
    if (used + size > width - 1) break;
    kept += segment;
    used += size;
  }
  return `${kept}…`;
}
