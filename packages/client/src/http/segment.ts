import { DfnsError } from '@dfnsjs/actor-core';
import { base64Of } from './binary.ts';

/** Segments that URL parsers resolve, however they are written. */
const DOTS = /^\.{1,2}$/;

/** An id or name as one segment of a path: percent-encoded, or `~` and base64url where that would not arrive as it is. */
export function writeSegment(text: string): string {
  return DOTS.test(text) || text.startsWith('~') ? inBase64(text) : encodeURIComponent(text);
}

/** As base64url, which is like no literal segment of a route. */
export function inBase64(text: string): string {
  const base64 = base64Of(new TextEncoder().encode(text));
  return `~${base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** What a segment stands for, its percent signs already decoded. */
export function readSegment(segment: string, what: string): string {
  if (!segment.startsWith('~')) return segment;
  const base64 = segment.slice(1).replaceAll('-', '+').replaceAll('_', '/');
  try {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DfnsError('VALIDATION', `${what} starts with "~", so base64url of UTF-8 must follow.`);
  }
}
