import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 64 * 1024;

/**
 * Brings the write-ahead log of the open database at `path` to `bytes`, so that commits overwrite blocks that the file
 * has already: where each one makes the file longer, fsync waits for the file system's journal too, and takes nearly
 * twice as long. What is behind the last frame of a log means nothing to SQLite: zeros carry no frame's salt. A log that
 * cannot grow is left as it was.
 */
export function layLog(path: string, bytes: number): void {
  let file: number;
  try {
    file = openSync(`${path}-wal`, 'r+');
  } catch {
    return;
  }
  try {
    const before = fstatSync(file).size;
    try {
      const zeros = Buffer.alloc(CHUNK_BYTES);
      for (let at = before; at < bytes;) at += writeSync(file, zeros, 0, Math.min(CHUNK_BYTES, bytes - at), at);
    } catch {
      ftruncateSync(file, before);
    }
  } finally {
    closeSync(file);
  }
}
