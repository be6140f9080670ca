export { type OpenOptions, openStore } from './open.ts';
