export * from './http/answers.ts';
export { BATCH } from './http/batch.ts';
export * from './http/bindings.ts';
export * from './http/errors.ts';
export * from './http/json.ts';
export * from './http/json-schema.ts';
export * from './http/query-text.ts';
export * from './http/requests.ts';
export * from './http/segment.ts';
