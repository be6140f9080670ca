export type * from '@dfnsjs/actor-core/ports';
export { OutcomeUnknownError, StoreRefusedError } from '@dfnsjs/actor-core/ports';
export * from '@dfnsjs/storage/conformance';
