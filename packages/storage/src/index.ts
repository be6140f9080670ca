export { fileBeside, type OpenOptions, openStore } from './open.ts';
