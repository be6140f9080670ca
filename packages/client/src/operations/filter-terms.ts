import { DfnsError } from '@dfnsjs/actor-core';

/** One of the values of a term: what the field is, begins with or contains; `any`: it has one. */
export interface TermValue {
  readonly match: 'is' | 'begins' | 'contains' | 'any';
  readonly text: string;
  /** It stood in quotes: it is text, whatever it looks like. */
  readonly isQuoted: boolean;
}

/** `field:value,value`, `field>=value`; with a minus before it what is not so. */
export interface Term {
  readonly source: string;
  readonly isNegated: boolean;
  readonly field: string;
  readonly operator: ':' | '<' | '<=' | '>' | '>=';
  /** One at least; of a comparison exactly one. */
  readonly values: readonly TermValue[];
}

/** Characters of a filter, and terms. */
const LENGTH = 4_096;
const TERMS = 64;

const HEAD = /(-?)([^\s:<>="]+)(:|<=|>=|<|>|=)/y;
const VALUE = /(~?)(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*?))(\*?)(?=,|\s|$)/y;

/** The terms of a filter, which spaces part. VALIDATION shows the place where it is none. */
export function readTerms(text: string, what: string): readonly Term[] {
  if (text.length > LENGTH) throw refused(`${what} must be at most ${LENGTH} characters.`);
  const terms: Term[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const start = at;
    const head = matchAt(HEAD, text, at);
    if (!head) {
      throw refused(`${what}: ${show(text, at)} is no term such as status:failed, id:ord-* or started>-24h.`);
    }
    const [whole, minus, field = '', sign = ':'] = head;
    at += whole.length;
    const operator = (sign === '=' ? ':' : sign) as Term['operator'];
    const values: TermValue[] = [];
    do {
      if (values.length > 0) at++;
      const value = matchAt(VALUE, text, at);
      if (!value)
        throw refused(`${what}: ${show(text, at)} is no value. Values with spaces or commas stand in quotes.`);
      values.push(valueOf(value, what, text.slice(start, at + value[0].length)));
      at += value[0].length;
    } while (text[at] === ',');
    const source = text.slice(start, at);
    if (operator !== ':' && (values.length > 1 || values[0]?.match !== 'is')) {
      throw refused(`${what}: ${quote(source)} must compare with one value.`);
    }
    if (terms.push({ source, isNegated: minus === '-', field, operator, values }) > TERMS) {
      throw refused(`${what} must have at most ${TERMS} terms.`);
    }
    at = skipSpace(text, at);
  }
  return terms;
}

function valueOf([, tilde, quoted, plain = '', star]: RegExpExecArray, what: string, source: string): TermValue {
  const isQuoted = quoted !== undefined;
  const text = isQuoted ? quoted.replaceAll(/\\(.)/g, '$1') : plain;
  if (star === '*' && text === '' && !isQuoted && tilde === '') return { match: 'any', text, isQuoted };
  if (text === '' && !isQuoted) throw refused(`${what}: ${quote(source)} has no value. Empty text is "".`);
  if (tilde === '~' && star === '*') throw refused(`${what}: ${quote(source)}: ~ finds text anywhere, without a star.`);
  return { match: tilde === '~' ? 'contains' : star === '*' ? 'begins' : 'is', text, isQuoted };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}

function show(text: string, at: number): string {
  return quote(/^\S*/.exec(text.slice(at))![0]);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

function refused(message: string): DfnsError {
  return new DfnsError('VALIDATION', message, { details: { field: 'q' } });
}
