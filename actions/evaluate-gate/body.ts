import path from 'node:path';
import type { Outputs, ParsedInputs, Run } from '@tidegate/github';
import { evaluate } from '@tidegate/pipeline';
import { connectFor, saveConnection } from '../connection.ts';
import { networkOf } from '../network.ts';
import { provenanceOf } from '../provenance.ts';
import { commitsOf } from './commits.ts';
import type { contract } from './contract.ts';
import { tellPullRequest } from './pull-request.ts';

type Inputs = ParsedInputs<(typeof contract)['inputs']>;

export async function evaluateGate(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { context, log, signal } = run;
  const aws = connectFor('gate', inputs, run);
  saveConnection(aws, inputs, run);
  const started: string[] = [];
  const result = await evaluate(
    {
      model: inputs.model,
      roleArn: inputs.roleArn,
      candidate: { modelUri: inputs.modelArtifactsUri, trainingJobName: inputs.trainingJobName },
      baseline: inputs.baseline,
      endpoint: inputs.endpointName ?? inputs.model,
      image: inputs.image,
      source: {
        folder: path.resolve(context.workspace, inputs.source),
        entry: inputs.entry,
        exclude: inputs.exclude ?? [],
      },
      instanceType: inputs.instanceType,
      volumeGb: inputs.volumeSizeGb,
      maxRuntime: inputs.maxRuntime,
      environment: inputs.environment ?? {},
      data: inputs.data,
      label: inputs.label,
      thresholds: inputs.metrics,
      slices: inputs.slices,
      minSamples: inputs.minSamples,
      confidence: inputs.confidence,
      acceptIdentical: inputs.acceptIdentical,
      deployment:
        inputs.deployInstance === undefined
          ? undefined
          : { instanceType: inputs.deployInstance, instanceCount: inputs.deployCount },
      bucket: inputs.bucket,
      network: networkOf(inputs),
      tags: inputs.tags ?? {},
      provenance: provenanceOf(run),
    },
    {
      aws,
      log,
      signal,
      commitsOf: (choice) => commitsOf(choice, run),
      onStart: (job) => {
        started.push(job);
        run.saveState('jobs', started.join(','));
      },
    },
  );
  const { verdict, headline } = result;
  run.summary(result.markdown);
  await tellPullRequest(inputs.model, result, inputs.failOn, run);
  const failing =
    verdict !== 'pass' &&
    inputs.failOn !== 'never' &&
    !(verdict === 'inconclusive' && inputs.failOn === 'fail');
  return {
    status: verdict,
    verdict,
    passed: verdict === 'pass',
    reason: headline,
    'failed-metrics': result.failedMetrics.join(','),
    'metrics-json': JSON.stringify(result.metrics),
    'baseline-id': result.baselineId,
    'statistics-uri': result.report.statisticsUri ?? undefined,
    'report-path': run.report('evaluate-gate', result.report),
    'console-url': result.consoleUrl,
    'cost-estimate-usd': result.costUsd ?? undefined,
    reused: result.reused,
    notice: failing ? undefined : `${verdict}: ${headline}`,
    fail: failing ? `${inputs.model}: ${verdict}: ${headline}` : undefined,
  };
}
