/**
 * The parser by which most users' ESLint reads TypeScript, for the tests of `dfns/lint`. It stands apart since it needs a
 * TypeScript with an API in JavaScript, which TypeScript 7 no longer has.
 */
export { default } from '@typescript-eslint/parser';
