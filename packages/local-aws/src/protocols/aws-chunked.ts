import { Transform, type TransformCallback } from 'node:stream';
import { AwsError } from '../kernel/errors.ts';

const longestHeaderLine = 16_384;

/**
 * Undoes S3's `aws-chunked` framing as it streams by:
 * `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n … 0\r\n<trailer>:<value>\r\n…\r\n`.
 * Trailers (lower-case names) go into `trailers` before the stream ends. Chunk signatures are not verified.
 */
export class AwsChunkedDecoder extends Transform {
  readonly #trailers: Record<string, string>;
  #pending: Buffer = Buffer.alloc(0);
  #left = 0;
  #state: 'size' | 'bytes' | 'after-bytes' | 'trailers' | 'done' = 'size';

  constructor(trailers: Record<string, string>) {
    super();
    this.#trailers = trailers;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    try {
      while (this.#advance());
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback) {
    done(this.#state === 'done' || this.#state === 'trailers' ? null : incomplete());
  }

  /** Consumes the next piece; false when more bytes are needed. */
  #advance(): boolean {
    if (this.#state === 'done') return false;
    if (this.#state === 'bytes') {
      if (this.#pending.length === 0) return false;
      const piece = this.#pending.subarray(0, this.#left);
      this.#pending = this.#pending.subarray(piece.length);
      this.#left -= piece.length;
      this.push(piece);
      if (this.#left === 0) this.#state = 'after-bytes';
      return true;
    }
    const line = this.#line();
    if (line === undefined) return false;
    if (this.#state === 'after-bytes') {
      if (line !== '') throw incomplete();
      this.#state = 'size';
    } else if (this.#state === 'size') this.#readSize(line);
    else this.#readTrailer(line);
    return true;
  }

  #readSize(line: string) {
    const size = /^([0-9a-fA-F]{1,12})(;.*)?$/.exec(line)?.[1];
    if (size === undefined) throw incomplete();
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'bytes';
  }

  #readTrailer(line: string) {
    if (line === '') this.#state = 'done';
    else {
      const colon = line.indexOf(':');
      this.#trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
    }
  }

  #line(): string | undefined {
    const end = this.#pending.indexOf('\r\n');
    if (end === -1 && this.#pending.length > longestHeaderLine) throw incomplete();
    if (end === -1) return undefined;
    const line = this.#pending.toString('latin1', 0, end);
    this.#pending = this.#pending.subarray(end + 2);
    return line;
  }
}

const incomplete = () => new AwsError('IncompleteBody', 'The request body terminated unexpectedly');
