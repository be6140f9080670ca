#!/usr/bin/env node
import module from 'node:module';
import '@dfnsjs/node/node-version';

// Code that is compiled once starts in half the time, here and in the processes that are started from here.
module.enableCompileCache();
const cache = module.getCompileCacheDir();
if (cache !== undefined) process.env.NODE_COMPILE_CACHE ??= cache;

// Only after the check of the version: an older Node could not even read what follows.
const { main } = await import('@dfnsjs/node/cli');
await main();
