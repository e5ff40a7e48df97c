import { systemClock, type Clock } from './clock.ts';
import { watch, type SdkClient } from './wire.ts';
import { UserError } from './user-error.ts';

export type Credentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
};

/** Credentials that are renewed: asked before each call, so it is theirs to remember them. */
export type CredentialSource = {
  current(): Promise<Credentials>;
  /** AWS says that they have expired, whatever we thought. */
  expired(): void;
};

export type SdkConfig = {
  region: string;
  maxAttempts: number;
  credentials?: () => Promise<Credentials & { expiration: Date }>;
};

/** A connection to AWS. It holds no socket and loads no client until something is asked. */
export type Aws = {
  readonly region: string;
  readonly clock: Clock;
  /** AWS's own time in milliseconds since the epoch, learnt from the last `Date` header; ours until then. */
  time(): number;
  /** The shortest of the last round trips, in milliseconds: what polling is paced by. */
  roundTripMs(): number;
  /** One client per service and region, with our errors, our patience with throttling and our clock. */
  client<C extends SdkClient>(make: new (config: SdkConfig) => C, region?: string): C;
};

export type ConnectOptions = {
  /** Default: AWS_REGION, then AWS_DEFAULT_REGION. */
  region?: string;
  /** Default: the SDK's own chain. */
  credentials?: CredentialSource;
  clock?: Clock;
  /** Between 0 and 1, for jitter. */
  random?: () => number;
  /** How long a throttled call is tried again before it fails. */
  patienceMs?: number;
  /** The same for failures of AWS itself and lost connections. */
  outageMs?: number;
};

// The SDK remembers credentials until they expire by the machine's clock, which may not be AWS's.
const ASK_ALWAYS = new Date(0);
const ROUND_TRIPS_KEPT = 16;
const ROUND_TRIP_AT_FIRST_MS = 5;

/**
 * The endpoint comes from where the SDK takes it (`AWS_ENDPOINT_URL`), so the same code speaks to AWS and to a local one.
 * @throws UserError when no region is given or set.
 */
export function connect(options: ConnectOptions = {}): Aws {
  const region = options.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? '';
  if (region === '') {
    throw new UserError('No AWS region: give aws-region, or set AWS_REGION (for example us-east-1).');
  }
  const clock = options.clock ?? systemClock;
  const source = options.credentials;
  const clients = new Map<unknown, Map<string, SdkClient>>();
  const roundTrips: number[] = [];
  let seen = { theirs: 0, ours: 0 };

  const wire = {
    clock,
    random: options.random ?? Math.random,
    patienceMs: options.patienceMs ?? 120_000,
    outageMs: options.outageMs ?? 20_000,
    expired: source && (() => source.expired()),
    answered: (roundTripMs: number, date: number | undefined) => {
      roundTrips.push(roundTripMs);
      if (roundTrips.length > ROUND_TRIPS_KEPT) roundTrips.shift();
      if (date !== undefined && date >= seen.theirs) seen = { theirs: date, ours: clock.now() };
    },
  };

  const aws: Aws = {
    region,
    clock,
    time: () => (seen.theirs === 0 ? clock.now() : seen.theirs + (clock.now() - seen.ours)),
    roundTripMs: () => (roundTrips.length === 0 ? ROUND_TRIP_AT_FIRST_MS : Math.min(...roundTrips)),
    client: <C extends SdkClient>(make: new (config: SdkConfig) => C, inRegion = region): C => {
      const perRegion = clients.get(make) ?? new Map<string, SdkClient>();
      clients.set(make, perRegion);
      const known = perRegion.get(inRegion);
      if (known) return known as C;
      const client = new make({
        region: inRegion,
        // Trying again is ours, see wire.ts.
        maxAttempts: 1,
        ...(source
          ? { credentials: async () => ({ ...(await source.current()), expiration: ASK_ALWAYS }) }
          : {}),
      });
      watch(client, wire);
      perRegion.set(inRegion, client);
      return client;
    },
  };
  return aws;
}
