export { fileBeside, type Migrated, migrateStore, type OpenOptions, openStore } from './open.ts';
