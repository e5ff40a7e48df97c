import { blockTest, canaryEvidence, meanSequence, planErrorRate, quantileRanks } from '@tidegate/stats';
import { draws, type Draws } from './draws.ts';

/** Looked at after every request, how many it takes until what is worse is rejected. Infinity where the longest replay was not enough. */
type Replay = (random: Draws) => number;

const ALPHAS = [0.05, 0.01];
const LONGEST = 100_000;

/** Requests needed at several true rates, for both α, beside what information allows. */
export function powerCurves(replays: number): string {
  return [errorRates(replays), canaries(replays), means(replays), quantiles(replays)].join('\n\n');
}

function errorRates(replays: number): string {
  const rows = [0.015, 0.02, 0.03, 0.05, 0.1, 0.3].flatMap((rate) =>
    ALPHAS.map((alpha) => {
      const settings = { limit: 0.01, worse: Math.min(rate, 0.02), alpha };
      const { limit, mean, median, p90, decisions } = planErrorRate(rate, settings, {
        replays,
        longest: LONGEST,
      });
      return [
        percent(rate),
        percent(alpha),
        limit,
        mean,
        median,
        p90,
        (mean / limit).toFixed(2),
        percent(decisions.reject),
      ];
    }),
  );
  return table(
    'An error rate against a limit of 1 % (`errorRateEvidence`)',
    [
      'true rate',
      'α',
      'information limit',
      'mean requests',
      'median',
      'nine in ten',
      'of the limit',
      'rejected',
    ],
    rows,
  );
}

/** Requests to both versions together. */
function canaries(replays: number): string {
  const rows = [2, 3, 5, 10].flatMap((times) =>
    ALPHAS.flatMap((alpha) => {
      const conditional = summary(replays, canaryReplay(times, alpha));
      const blocks = summary(Math.min(replays, 300), blockReplay(times, alpha));
      return [
        [`${times}×`, percent(alpha), '`canaryEvidence`, 10 % of the traffic', ...conditional],
        [`${times}×`, percent(alpha), '`blockTest`, 1 to 9', ...blocks],
      ];
    }),
  );
  return table(
    'A canary beside a live version that fails 1 %',
    ['canary fails', 'α', 'test', 'mean requests', 'median', 'nine in ten', 'rejected'],
    rows,
  );
}

function canaryReplay(times: number, alpha: number): Replay {
  const [share, live] = [0.1, 0.01];
  const rate = share * times * live + (1 - share) * live;
  const ofCanary = (share * times * live) / rate;
  return (random) => {
    const counts = { share, canaryErrors: 0, liveErrors: 0 };
    for (let at = random.until(rate); at <= LONGEST; at += random.until(rate)) {
      counts[random.next() < ofCanary ? 'canaryErrors' : 'liveErrors']++;
      if (canaryEvidence([counts], { alpha }).decision === 'reject') return at;
    }
    return Infinity;
  };
}

function blockReplay(times: number, alpha: number): Replay {
  return (random) => {
    const test = blockTest({ livePerCanary: 9, alpha });
    for (let at = 10; at <= LONGEST / 2; at += 10) {
      for (let i = 0; i < 9; i++) test.observe('live', random.next() < 0.01);
      if (test.observe('canary', random.next() < 0.01 * times).decision === 'reject') return at;
    }
    return Infinity;
  };
}

function means(replays: number): string {
  const rows = [0.32, 0.35, 0.4, 0.5].flatMap((mean) =>
    ALPHAS.map((alpha) => {
      const replay: Replay = (random) => {
        const sequence = meanSequence({ alpha });
        for (let n = 1; n <= 20_000; n++) {
          // u to this power has the mean, between 0 and 1.
          if (sequence.observe(random.next() ** (1 / mean - 1)).low > 0.3) return n;
        }
        return Infinity;
      };
      return [mean, percent(alpha), ...summary(Math.min(replays, 300), replay)];
    }),
  );
  return table(
    'A mean of values between 0 and 1 against a limit of 0.3 (`meanSequence`)',
    ['true mean', 'α', 'mean values', 'median', 'nine in ten', 'rejected'],
    rows,
  );
}

function quantiles(replays: number): string {
  const p = 0.99;
  const most = 20_000;
  const rows = ALPHAS.map((alpha) => ({
    alpha,
    lows: Array.from({ length: most + 1 }, (_, n) => (n === 0 ? 0 : quantileRanks(n, p, alpha).low)),
  })).flatMap(({ alpha, lows }) =>
    [0.02, 0.03, 0.05, 0.1].map((share) => {
      const replay: Replay = (random) => {
        let below = 0;
        for (let n = 1; n <= most; n++) {
          if (random.next() >= share) below++;
          // The value of rank `low` lies above the limit: so does the quantile.
          if (below < lows[n]!) return n;
        }
        return Infinity;
      };
      return [percent(share), percent(alpha), ...summary(replays, replay)];
    }),
  );
  return table(
    'The 99 % quantile of latencies against a limit (`quantileInterval`)',
    ['requests above the limit', 'α', 'mean requests', 'median', 'nine in ten', 'rejected'],
    rows,
  );
}

function summary(replays: number, replay: Replay): string[] {
  const random = draws(7);
  const needed = Float64Array.from({ length: replays }, () => replay(random)).sort();
  const decided = needed.filter(Number.isFinite);
  const mean =
    decided.length === replays ? decided.reduce((sum, each) => sum + each, 0) / replays : Number.NaN;
  const at = (part: number): number => needed[Math.floor(replays * part)]!;
  return [mean, at(0.5), at(0.9)].map(whole).concat(percent(decided.length / replays));
}

function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = rows.map(
    (row) =>
      `| ${row.map((cell) => (typeof cell === 'number' && cell >= 1 ? whole(cell) : cell)).join(' | ')} |`,
  );
  return `### ${title}\n\n| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |\n${cells.join('\n')}`;
}

/** A mean over replays of which some never ended is not known. */
function whole(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '–';
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
