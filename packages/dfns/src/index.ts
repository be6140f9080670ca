import '@dfnsjs/node/node-version';
