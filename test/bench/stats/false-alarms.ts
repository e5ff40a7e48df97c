import {
  blockTest,
  canaryEvidence,
  combineEvidence,
  errorRateTest,
  meanSequence,
  quantileRanks,
} from '@tidegate/stats';
import { draws, type Draws } from './draws.ts';

/** A replay of a version that is fine: whether it is ever called otherwise. */
type Replay = (random: Draws, alpha: number) => boolean;

/**
 * Every request is looked at. Where an e-value can rise only with an error, only those looks are taken that can reject: the others cannot
 * change what is counted.
 */
const NULLS: { name: string; of: string; make: (alpha: number) => Replay }[] = [
  {
    name: '`errorRateEvidence`, 1 % errors, limit 1 %',
    of: '10,000 requests',
    make: (alpha) => {
      const test = errorRateTest({ limit: 0.01, alpha });
      return (random) => {
        let errors = 0;
        for (let at = random.until(0.01); at <= 10_000; at += random.until(0.01)) {
          if (test({ requests: at, errors: ++errors }).decision === 'reject') return true;
        }
        return false;
      };
    },
  },
  ...[0.05, 0.5].map((share) => ({
    name: `\`canaryEvidence\`, both as good, ${share * 100} % of the traffic`,
    of: '300 errors of either version',
    make: (alpha: number): Replay => {
      return (random) => {
        const counts = { share, canaryErrors: 0, liveErrors: 0 };
        for (let error = 0; error < 300; error++) {
          if (random.next() < share) counts.canaryErrors++;
          else counts.liveErrors++;
          if (canaryEvidence([counts], { alpha }).decision === 'reject') return true;
        }
        return false;
      };
    },
  })),
  {
    name: '`blockTest`, both fail 5 %, 4 requests of the live version to 1',
    of: '2,000 requests',
    make: (alpha) => (random) => {
      const test = blockTest({ livePerCanary: 4, alpha });
      for (let block = 0; block < 400; block++) {
        for (let i = 0; i < 4; i++) test.observe('live', random.next() < 0.05);
        if (test.observe('canary', random.next() < 0.05).decision === 'reject') return true;
      }
      return false;
    },
  },
  {
    name: '`combineEvidence`, errors of 1 % and slow answers of 5 %, of the same requests',
    of: '3,000 requests',
    make: (alpha) => {
      const [failed, slow] = [errorRateTest({ limit: 0.01, alpha }), errorRateTest({ limit: 0.05, alpha })];
      return (random) => {
        let [errors, late] = [0, 0];
        for (let requests = 1; requests <= 3000; requests++) {
          // What fails is slow more often than not: the two depend on each other.
          const u = random.next();
          const isError = u < 0.01;
          const isLate = u < 0.007 || (u >= 0.01 && u < 0.053);
          if (isError) errors++;
          if (isLate) late++;
          if (!isError && !isLate) continue;
          const parts = [failed({ requests, errors }), slow({ requests, errors: late })];
          if (combineEvidence(parts, { alpha }).decision === 'reject') return true;
        }
        return false;
      };
    },
  },
  {
    name: '`meanSequence`, squares of uniform values',
    of: '1,000 values',
    make: (alpha) => (random) => {
      const sequence = meanSequence({ alpha });
      for (let i = 0; i < 1000; i++) {
        const { low, high } = sequence.observe(random.next() ** 2);
        if (low > 1 / 3 || high < 1 / 3) return true;
      }
      return false;
    },
  },
  ...[0.5, 0.99].map((p) => ({
    name: `\`quantileRanks\`, the ${p * 100} % quantile`,
    of: '2,000 values',
    make: (alpha: number): Replay => {
      const ranks = Array.from({ length: 2001 }, (_, n) =>
        n === 0 ? { low: 0, high: 1 } : quantileRanks(n, p, alpha),
      );
      return (random) => {
        let below = 0;
        for (let n = 1; n <= 2000; n++) {
          if (random.next() < p) below++;
          const { low, high } = ranks[n]!;
          if (below < low || below >= high) return true;
        }
        return false;
      };
    },
  })),
];

/** How many of so many replays of fine versions are ever rejected, looked at after every request. */
export function falseAlarms(replays: number): string {
  const alphas = [0.05, 0.01];
  const rows = NULLS.map(({ name, of, make }) => {
    const shares = alphas.map((alpha) => {
      const replay = make(alpha);
      const random = draws(2027);
      let alarms = 0;
      for (let i = 0; i < replays; i++) if (replay(random, alpha)) alarms++;
      return `${((100 * alarms) / replays).toFixed(2)} %`;
    });
    return `| ${name} | ${of} | ${shares.join(' | ')} |`;
  });
  return `## False alarms over ${replays.toLocaleString('en-US')} replays of what is fine, with a look after every request

So many replays show a true rate of 5 % as ${spread(0.05, replays)} and one of 1 % as ${spread(0.01, replays)}, nineteen times in twenty.

| test | looked at for | ever rejected, α = 5 % | α = 1 % |
| --- | --- | --- | --- |
${rows.join('\n')}`;
}

function spread(rate: number, replays: number): string {
  const reach = 1.96 * Math.sqrt((rate * (1 - rate)) / replays);
  return `${(100 * (rate - reach)).toFixed(2)} to ${(100 * (rate + reach)).toFixed(2)} %`;
}
