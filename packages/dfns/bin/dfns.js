#!/usr/bin/env node
import '@dfnsjs/node/node-version';

// Only after the check of the version: an older Node could not even read what follows.
const { main } = await import('@dfnsjs/node/cli');
await main();
