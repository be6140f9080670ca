export * from '@dfnsjs/testing';
