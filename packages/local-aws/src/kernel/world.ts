import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Constraints } from './constraints.ts';

/** Milliseconds since the epoch, on the server's own clock (which tests move and demos speed up). */
export type Instant = number;

/** The server's clock. Nothing in this package reads `Date.now()` or sets a timer elsewhere. */
export type Clock = {
  now(): Instant;
  /** How many milliseconds of this clock pass in one real millisecond; 0 when only `advance` moves it. */
  readonly speed: number;
  /** Runs `action` once, when this clock reaches `at`; returns a function that calls it off. */
  at(at: Instant, action: () => void): () => void;
  /** Resolves when `ms` milliseconds of this clock have passed; rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Moves the clock by hand, running what falls due in order of its time, and lets it settle. */
  advance(ms: number): Promise<void>;
};

/**
 * One kind of thing, by key, kept on disk: a `put` is durable when it returns.
 * What `get` and `values` return is frozen; change it with `put(key, { ...value, … })`.
 */
export type Table<T> = {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  delete(key: string): boolean;
  /** In order of first insertion. */
  values(): T[];
  keys(): string[];
};

export type Store = {
  /** JSON-safe values only. Asking twice for a name gives the same table. */
  table<T>(name: string): Table<T>;
};

/** An EventBridge event, before the envelope's id and time are added. */
export type AwsEvent = {
  source: string;
  'detail-type': string;
  resources: string[];
  detail: Record<string, unknown>;
};

/** What one running server is made of; every service receives it and nothing else. */
export type World = {
  readonly account: string;
  readonly region: string;
  /** `http://127.0.0.1:<port>`, never `localhost`. Known once the server listens. */
  readonly endpoint: string;
  /** Everything on disk is below this folder. */
  readonly directory: string;
  readonly clock: Clock;
  readonly store: Store;
  /** Hands an event to EventBridge's rules; never throws. */
  emit(event: AwsEvent): void;
  /** Registers what must be ended when the server closes (subprocesses, inner servers). */
  onClose(end: () => Promise<void> | void): void;
  readonly log: Writable;
  /** Where `https://api.github.com` is answered on this machine; API destinations go there instead. */
  readonly githubApi: string | undefined;
};

/** The call an operation is answering. */
export type Call = {
  readonly operation: string;
  readonly requestId: string;
  /** Lower-case header names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** What followed the body (checksums), by lower-case name; complete when the body has been read to its end. */
  readonly trailers: Readonly<Record<string, string>>;
  /** From the request's credential scope; the world's own where the request is unsigned. */
  readonly region: string;
  readonly accessKeyId: string | undefined;
  readonly signal: AbortSignal;
};

/** One AWS operation: named as AWS names it, typed by the SDK's own request and response. */
export type Operation<Input = never, Output = unknown> = (
  input: Input,
  call: Call,
) => Output | Promise<Output>;

/**
 * A service's operations by AWS's names. Created once per server, on the first request for that service
 * (or at start where it has work to resume), so that start-up loads nothing.
 */
export type Service = {
  readonly operations: Readonly<Record<string, Operation>>;
  /** Resumes what was under way when the process ended: called once, at start, if the service has state on disk. */
  resume?(): Promise<void> | void;
  /**
   * Answers the raw paths that the table in services.ts gives to this service, without the generic adapter: for hot
   * paths and for protocols that are not AWS's. The body has not been read; `Date` and `x-amzn-RequestId` are set.
   * An `AwsError` that it throws is answered in the service's own protocol.
   */
  raw?(request: IncomingMessage, response: ServerResponse): Promise<void> | void;
  /** What the SDK's schemas do not know: patterns, lengths, ranges and enums of members, checked before the operation. */
  readonly constraints?: Constraints;
};

export type CreateService = (world: World) => Service;
