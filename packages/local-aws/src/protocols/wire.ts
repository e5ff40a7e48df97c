import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { AwsError } from '../kernel/errors.ts';
import type { Model, ModelOperation } from './model.ts';

/** A request as it came, before a protocol has read it. */
export type WireRequest = {
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The whole body; content encodings other than the object's own are already undone. */
  readonly body: () => Promise<Buffer>;
  /** The same as it arrives, for operations that take a stream. Only one of the two may be used. */
  readonly stream: () => Readable;
};

/** What goes back; `Date` and the request id are added by the server. */
export type Answer = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | Readable | undefined;
};

export type Members = Record<string, unknown>;

/** An output may say its HTTP status where the model has none for it: `{ [httpStatus]: 206, … }`. */
export const httpStatus: unique symbol = Symbol('HTTP status');

/** An output may bring its own body where AWS's is not what the model says: `{ [wholeBody]: '<…/>' }`. */
export const wholeBody: unique symbol = Symbol('whole body');

/** One way to put a call on the wire. */
export type WireProtocol = {
  /** Throws an `AwsError` where the body cannot be read. */
  decode(model: Model, operation: ModelOperation, request: WireRequest): Promise<Members>;
  encode(model: Model, operation: ModelOperation, output: Members, requestId: string): Answer;
  encodeError(model: Model, error: AwsError, requestId: string): Answer;
};
