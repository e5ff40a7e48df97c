import type { Aws } from '@tidegate/aws';
import type { EvaluationRun } from './evaluation-job.ts';
import { judge, type Judgement, type Relation } from './judge.ts';
import { readPredictions, type Predictions } from './predictions.ts';
import type { EvaluateSettings } from './settings.ts';
import { verdictOf, type Finding } from './verdict.ts';

const RESAMPLES = 1000;
// Fixed, so that the same predictions never get another verdict.
const SEED = 1;

/** Reads what the models said and judges it. What cannot be read is a finding: a gate that fails to look must not let pass. */
export async function judgeRuns(
  aws: Aws,
  runs: { candidate: EvaluationRun; baseline: EvaluationRun | undefined },
  relation: Relation,
  settings: EvaluateSettings,
): Promise<{ judgement: Judgement; candidate: Predictions | undefined }> {
  const format = { label: settings.label, sliceBy: settings.slices?.by ?? [] };
  const findings: Finding[] = [];
  const read = async (who: string, run: EvaluationRun): Promise<Predictions | undefined> => {
    if (run.failureReason !== '') {
      findings.push({
        verdict: 'integrity-error',
        what: `the evaluation of the ${who} failed: ${run.failureReason}`,
      });
      return undefined;
    }
    try {
      return await readPredictions(aws, run.predictionsUri, format);
    } catch (error) {
      findings.push(integrityError(`the ${who}’s predictions cannot be used`, error));
      return undefined;
    }
  };
  const [candidate, baseline] = await Promise.all([
    read('candidate', runs.candidate),
    runs.baseline && read('baseline', runs.baseline),
  ]);
  if (!candidate) return { judgement: notJudged(findings), candidate };
  try {
    const judgement = judge(candidate, baseline, relation, { ...settings, resamples: RESAMPLES, seed: SEED });
    const all = [...findings, ...judgement.findings];
    return { judgement: { ...judgement, findings: all, verdict: verdictOf(all) }, candidate };
  } catch (error) {
    return {
      judgement: notJudged([...findings, integrityError('the predictions cannot be judged', error)]),
      candidate,
    };
  }
}

function notJudged(findings: Finding[]): Judgement {
  return { verdict: verdictOf(findings), findings, rows: 0, metrics: [], slices: [] };
}

/** Faults of the data become findings; ours are thrown on. */
function integrityError(what: string, error: unknown): Finding {
  if ((error as Error).name !== 'UserError') throw error;
  return { verdict: 'integrity-error', what: `${what}: ${(error as Error).message}` };
}
