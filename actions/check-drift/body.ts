import { writeFileSync } from 'node:fs';
import type { Aws } from '@tidegate/aws';
import { dispatch, type Outputs, type Run } from '@tidegate/github';
import {
  artifactsUri,
  checkDrift,
  driftHtml,
  driftMarkdown,
  provenanceTags,
  type DriftResult,
} from '@tidegate/pipeline';
import { engineSettings } from '../analysis-inputs.ts';
import { connectFor } from '../connection.ts';
import { deploymentLedger } from '../deployments.ts';
import { provenanceOf } from '../provenance.ts';
import type { contract, Inputs } from './contract.ts';
import { rollBackTo } from './roll-back-to.ts';

export async function checkForDrift(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { log, signal } = run;
  const aws = connectFor('drift', inputs, run);
  const tags = { ...provenanceTags(provenanceOf(run)), ...inputs.tags };
  const around = { aws, log, signal, ledger: deploymentLedger(inputs.environment, run) };
  const result = await checkDrift(await settingsOf(inputs, tags, aws), around);
  run.summary(driftMarkdown(result.facts, result.action));
  const rolledBack =
    result.rollBackTo === undefined
      ? undefined
      : await rollBackTo(result.rollBackTo, inputs, { ...around, run, tags });
  if (result.retrain && inputs.dispatchRetrain !== undefined)
    await dispatch(run.api, inputs.dispatchRetrain, { model: inputs.model, reason: result.facts.reason });
  return {
    ...outputsOf(result, inputs, run),
    'rolled-back-to': rolledBack?.verdict === 'promoted' ? rolledBack.version.endpointConfig : undefined,
    'rollback-verdict': rolledBack?.verdict,
    fail:
      failure(result, inputs) ??
      (rolledBack && rolledBack.verdict !== 'promoted'
        ? `The roll-back ended as ${rolledBack.verdict}: ${rolledBack.reason}`
        : undefined),
  };
}

async function settingsOf(inputs: Inputs, tags: Record<string, string>, aws: Aws) {
  const { model, measure, warn, fail, minSamples } = inputs;
  return {
    model,
    endpoint: inputs.endpointName ?? model,
    ...engineSettings(inputs),
    artifactsUri: await artifactsUri(aws, model, inputs.bucket),
    thresholds: { measure, warn, fail, minSamples, features: inputs.features ?? [] },
    window: inputs.since === 'window' ? inputs.window : ('last-deployment' as const),
    quorum: inputs.windows,
    onDrift: inputs.onDrift,
    tags,
  };
}

function outputsOf({ facts, drifted, retrain, action, reused }: DriftResult, { model }: Inputs, run: Run) {
  const report = run.report(`drift-${model}`, { ...facts, action, drifted });
  const strongest = facts.report?.features[0]?.value;
  const html = driftHtml(facts);
  const htmlPath = report.replace(/\.json$/, '.html');
  if (html !== undefined) writeFileSync(htmlPath, html);
  return {
    status: facts.verdict,
    verdict: facts.verdict,
    'drift-detected': facts.verdict === 'drift',
    'drifted-features': drifted.join(','),
    severity: Number.isFinite(strongest) ? strongest : undefined,
    samples: facts.report?.rows.current ?? 0,
    action,
    retrain,
    reused,
    notice: `${facts.verdict}: ${facts.reason}${action === 'none' ? '' : `; ${action}`}`,
    'report-path': report,
    'report-html-path': html === undefined ? undefined : htmlPath,
  };
}

function failure({ facts }: DriftResult, { failOn }: Inputs): string | undefined {
  const failing = { never: [], drift: ['drift'], inconclusive: ['drift', 'inconclusive'] }[
    failOn
  ] as string[];
  return failing.includes(facts.verdict) ? `drift ${facts.verdict}: ${facts.reason}` : undefined;
}
