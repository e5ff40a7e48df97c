import type { CreateService } from './world.ts';

export type Protocol = 'awsJson' | 'restJson' | 'restXml' | 'query';

/** What the server knows of a service before anything of it is loaded. */
export type ServiceEntry = {
  /** The name in a signature's scope; also the name that faults use. */
  readonly id: string;
  readonly protocol: Protocol;
  /** Loads the SDK client, whose exported schemas say what the operations look like. */
  readonly sdk: () => Promise<object>;
  /** Loads our own half: the operations that are built. */
  readonly load: () => Promise<CreateService>;
  /** Of awsJson and CBOR: what stands before the dot of `X-Amz-Target`. */
  readonly target?: string;
  readonly jsonVersion?: '1.0' | '1.1';
  /** Of query: the API version by which an unsigned request is known; of XML: the namespace of answers. */
  readonly version?: string;
  readonly xmlNamespace?: string;
  /** Clients that send `x-amzn-query-mode` want the code of the old Query protocol in a header. */
  readonly queryCompatible?: true;
  /** Code of a request that breaks a constraint, where it is not `ValidationException`. */
  readonly validationCode?: string;
  /** Paths begin with the bucket, which the schemas leave to the host name. */
  readonly bucketInPath?: true;
  /** Paths that the service answers itself (`Service.raw`), and the operation's name for faults. */
  readonly rawPaths?: RegExp;
  readonly rawOperation?: string;
  /** Work that goes on after a restart is taken up at start, before the first request is answered. */
  readonly resumes?: true;
};
