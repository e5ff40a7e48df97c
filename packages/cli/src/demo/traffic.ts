import { readFileSync } from 'node:fs';
import { connect, invokeEndpoint } from '@tidegate/aws';

/** What became of the requests so far. */
export type Tally = {
  /** Answered, by the model or by an error of the model's own code. */
  served: number;
  /** Of those, answered with an error. */
  errors: number;
  /** Never answered, however often they were sent again. */
  lost: number;
  /** Sent again after a connection that broke or was refused. */
  resent: number;
  /** Milliseconds, at the client, of requests that were answered at the first try. */
  p50Ms: number;
  p99Ms: number;
};

export type Traffic = {
  /** What is sent from now on: a file with one JSON body a line, from its beginning. */
  replay(file: string): void;
  /** How many requests a second are sent from now on. */
  pace(perSecond: number): void;
  tally(): Tally;
  stop(): Promise<Tally>;
};

/** A client gives up on a request after this long, and counts it as lost. */
const patienceMs = 30_000;
const pauseMs = 100;
/** As many connections as a client has; what is due beyond them is sent as soon as one is free. */
const pool = 48;

/**
 * Sends requests at a steady rate whatever becomes of the answers, as clients do, until stopped.
 * A request that got no answer is sent again; one that never got one is lost.
 */
export function startTraffic(settings: {
  region: string;
  endpoint: string;
  file: string;
  perSecond: number;
}): Traffic {
  const aws = connect({ region: settings.region, patienceMs: 0, outageMs: 0 });
  const counts = { served: 0, errors: 0, lost: 0, resent: 0 };
  const latencies: number[] = [];
  const underWay = new Set<Promise<void>>();
  let bodies = readBodies(settings.file);
  let next = 0;
  let pace = { perSecond: settings.perSecond, since: performance.now(), sent: 0 };

  const send = async (body: Uint8Array) => {
    const first = performance.now();
    for (let attempt = 0; ; attempt++) {
      try {
        const { status, latencyMs } = await invokeEndpoint(aws, settings.endpoint, {
          body,
          contentType: 'application/json',
        });
        counts.served++;
        if (status !== 200) counts.errors++;
        if (attempt === 0) latencies.push(latencyMs);
        return;
      } catch {
        if (performance.now() - first > patienceMs) {
          counts.lost++;
          return;
        }
        counts.resent++;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  };

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - pace.since) / 1000) * pace.perSecond);
    for (; pace.sent < due && underWay.size < pool; pace.sent++) {
      const request = send(bodies[next++ % bodies.length]!);
      underWay.add(request);
      void request.finally(() => underWay.delete(request));
    }
  }, 10);

  const tally = (): Tally => {
    const sorted = Float64Array.from(latencies).sort();
    const quantile = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    return { ...counts, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
  };

  return {
    replay(file) {
      bodies = readBodies(file);
      next = 0;
    },
    pace(perSecond) {
      pace = { perSecond, since: performance.now(), sent: 0 };
    },
    tally,
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      return tally();
    },
  };
}

function readBodies(file: string): Uint8Array[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Buffer.from(line));
}
