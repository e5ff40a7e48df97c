import { appendFileSync } from 'node:fs';
import { Writable } from 'node:stream';

/** Opened for each line: it is written only when something went wrong, and must survive `kill -9`. */
export function logFile(file: string): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        appendFileSync(file, chunk);
      } catch {
        // A server that was closed has deleted its folder; there is nobody left to tell.
      }
      done();
    },
  });
}
