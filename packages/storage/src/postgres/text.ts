/**
 * Text as Postgres can hold it. It refuses the character 0, which users' error messages and attributes may have: it
 * stands behind a character that no text has, and so does that character itself.
 */
const ESCAPE = '\uFFFE';

export function packText(text: string): string {
  if (!text.includes('\0') && !text.includes(ESCAPE)) return text;
  return text.replaceAll(ESCAPE, `${ESCAPE}1`).replaceAll('\0', `${ESCAPE}0`);
}

export function unpackText(stored: string): string {
  if (!stored.includes(ESCAPE)) return stored;
  return stored.replaceAll(`${ESCAPE}0`, '\0').replaceAll(`${ESCAPE}1`, ESCAPE);
}
