import path from 'node:path';
import type { Outputs, ParsedInputs, Run } from '@tidegate/github';
import { formatUsd, train, type TrainResult } from '@tidegate/pipeline';
import { connectFor, saveConnection } from '../connection.ts';
import { networkOf } from '../network.ts';
import { provenanceOf } from '../provenance.ts';
import type { contract } from './contract.ts';

type Inputs = ParsedInputs<(typeof contract)['inputs']>;

export async function trainModel(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { context, log, signal } = run;
  const aws = connectFor('train', inputs, run);
  saveConnection(aws, inputs, run);
  const result = await train(
    {
      model: inputs.model,
      roleArn: inputs.roleArn,
      image: inputs.image,
      source:
        inputs.entry === undefined
          ? undefined
          : {
              folder: path.resolve(context.workspace, inputs.source),
              entry: inputs.entry,
              exclude: inputs.exclude ?? [],
            },
      instanceType: inputs.instanceType,
      instanceFallbacks: inputs.instanceFallbacks ?? [],
      capacityWait: inputs.capacityWait,
      instanceCount: inputs.instanceCount,
      volumeGb: inputs.volumeSizeGb,
      hyperparameters: inputs.hyperparameters ?? {},
      environment: inputs.environment ?? {},
      data: inputs.data ?? {},
      metrics: inputs.metrics ?? {},
      maxRuntime: inputs.maxRuntime,
      spot: inputs.spot ? { maxWait: inputs.maxWait ?? 2 * inputs.maxRuntime } : undefined,
      checkpointUri: inputs.checkpointS3Uri,
      bucket: inputs.bucket,
      network: networkOf(inputs),
      tags: inputs.tags ?? {},
      provenance: provenanceOf(run),
    },
    { aws, log, signal, onStart: (job) => run.saveState('job', job) },
  );
  run.summary(summary(result));
  return {
    status: result.state,
    'training-job-name': result.jobName,
    'training-job-arn': result.jobArn,
    'model-artifacts-uri': result.state === 'completed' ? result.modelUri : undefined,
    'output-artifacts-uri': result.state === 'completed' ? result.outputUri : undefined,
    reused: result.reused,
    joined: result.joined,
    'metrics-json': JSON.stringify(result.metrics),
    'billable-seconds': result.billableSeconds ?? undefined,
    'spot-savings-percent': result.spotSavingsPercent ?? undefined,
    'image-uri': result.image,
    'source-uri': result.sourceUri,
    'source-digest': result.sourceDigest,
    'data-digest': result.dataDigest,
    'console-url': result.consoleUrl,
    'logs-url': result.logsUrl,
    'cost-estimate-usd': result.costUsd ?? undefined,
    'report-path': run.report('sagemaker-train', result),
    notice: result.reused || result.state !== 'completed' ? undefined : trained(result),
    fail: result.state === 'completed' ? undefined : failure(result),
  };
}

function trained({ jobName, trainingSeconds, instanceType, metrics }: TrainResult): string {
  const measured = Object.entries(metrics).map(([name, value]) => `${name} ${value}`);
  const took = trainingSeconds === null ? '' : ` in ${trainingSeconds} s`;
  return [`Trained ${jobName}${took} on ${instanceType}`, ...measured].join(', ');
}

function failure({ failureReason, logTail }: TrainResult): string {
  return logTail.length === 0
    ? failureReason
    : `${failureReason}\nIts last lines:\n${logTail.slice(-10).join('\n')}`;
}

function summary(result: TrainResult): string {
  const took = result.trainingSeconds === null ? '' : ` in ${result.trainingSeconds} s`;
  const how = result.reused
    ? 'reused, nothing had changed'
    : `${result.state}${took} on ${result.instanceType}`;
  return [
    `### Training \`${result.jobName}\`: ${how}`,
    '',
    `${formatUsd(result.costUsd)} · [job](${result.consoleUrl}) · [log](${result.logsUrl})`,
    '',
  ].join('\n');
}
