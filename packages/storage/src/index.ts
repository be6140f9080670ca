export { fileBeside, type Migrated, migrateStore, noteDeath, type OpenOptions, openStore } from './open.ts';
