import { errorRateTest, planErrorRate } from '@tidegate/stats';

/** A small generator of its own: the benchmark must not rest on the package's. */
function coin(seed: number): (rate: number) => boolean {
  let state = seed;
  return (rate) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The high bits of this generator are the good ones.
    return state / 2 ** 32 < rate;
  };
}

/** What a progressive delivery tool's documentation gives as its analysis: a check a period, and how many bad ones end it. */
type Periodic = {
  name: string;
  requestsPerCheck: number;
  fails: (errors: number, requests: number) => boolean;
  badChecks: number;
  checks: number;
};

const PERIODIC: Periodic[] = [
  {
    // interval: 1m, threshold: 5, request-success-rate min 99, stepWeight 10 to maxWeight 50: five checks, then promoted.
    name: 'Flagger (1 min, threshold 5, success ≥ 99 %)',
    requestsPerCheck: 60,
    fails: (errors, requests) => errors / requests > 0.01,
    badChecks: 5,
    checks: 10,
  },
  {
    // interval: 5m, successCondition: result[0] >= 0.95, failureLimit: 3: more than three bad ones fail.
    name: 'Argo Rollouts (5 min, success ≥ 95 %, failureLimit 3)',
    requestsPerCheck: 300,
    fails: (errors, requests) => 1 - errors / requests < 0.95,
    badChecks: 4,
    checks: 12,
  },
];

export type CanaryRow = { name: string; requests: string; rejected: string; falseAlarms: string };

/** Requests until a canary that fails 5 % where 1 % is fine is rejected, and how often one that is fine is. */
export function canaryRows(replays: number): {
  rows: CanaryRow[];
  limit: number;
  mean: number;
  falseAlarms: number;
} {
  const bad = planErrorRate(0.05, { limit: 0.01 }, { replays, seed: 1 });
  const fine = falseAlarms(replays);
  const rows = [
    {
      name: 'Tidegate, a look after every request',
      requests: `${bad.mean.toFixed(0)} (median ${bad.median}, nine in ten ≤ ${bad.p90})`,
      rejected: percent(bad.decisions.reject),
      falseAlarms: percent(fine),
    },
    ...PERIODIC.map((tool) => {
      const atFive = replayPeriodic(tool, 0.05, replays);
      const atOne = replayPeriodic(tool, 0.01, replays);
      return {
        name: tool.name,
        requests: atFive.rejected === 0 ? '–' : atFive.mean.toFixed(0),
        rejected: percent(atFive.rejected),
        falseAlarms: percent(atOne.rejected),
      };
    }),
  ];
  return { rows, limit: bad.limit, mean: bad.mean, falseAlarms: fine };
}

/** The share of fine canaries that are ever rejected within 10,000 requests, looked at after each. */
function falseAlarms(replays: number): number {
  const test = errorRateTest({ limit: 0.01 });
  const flip = coin(7);
  let rejected = 0;
  for (let replay = 0; replay < replays; replay++) {
    let errors = 0;
    for (let requests = 1; requests <= 10_000; requests++) {
      if (flip(0.01)) errors++;
      const { decision } = test({ requests, errors });
      if (decision === 'reject') rejected++;
      if (decision !== 'continue') break;
    }
  }
  return rejected / replays;
}

function replayPeriodic(tool: Periodic, rate: number, replays: number): { rejected: number; mean: number } {
  const flip = coin(11);
  let rejected = 0;
  let requests = 0;
  for (let replay = 0; replay < replays; replay++) {
    let bad = 0;
    for (let check = 1; check <= tool.checks; check++) {
      let errors = 0;
      for (let i = 0; i < tool.requestsPerCheck; i++) if (flip(rate)) errors++;
      if (tool.fails(errors, tool.requestsPerCheck)) bad++;
      if (bad < tool.badChecks) continue;
      rejected++;
      requests += check * tool.requestsPerCheck;
      break;
    }
  }
  return { rejected: rejected / replays, mean: requests / rejected };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
