import './node-version.ts';
