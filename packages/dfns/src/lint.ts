export { default } from '@dfnsjs/testing/lint';
