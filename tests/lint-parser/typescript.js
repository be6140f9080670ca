/** The compiler's API in JavaScript, for the reference pages: TypeScript 7 has none. */
export { default } from 'typescript';
