import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Outputs, ParsedInputs, Run } from '@tidegate/github';
import { artifactsUri, provenanceTags, setUpMonitor } from '@tidegate/pipeline';
import { engineSettings } from '../analysis-inputs.ts';
import { connectFor } from '../connection.ts';
import { deploymentLedger, readSmoke } from '../deployments.ts';
import { provenanceOf } from '../provenance.ts';
import type { contract } from './contract.ts';

type Inputs = ParsedInputs<(typeof contract)['inputs']>;

export async function setUpModelMonitor(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { context, log, signal } = run;
  const aws = connectFor('monitor', inputs, run);
  const { model, smoke, capturePercent } = inputs;
  const endpoint = inputs.endpointName ?? model;
  const artifacts = await artifactsUri(aws, model, inputs.bucket);
  const noLimits = { smokeContentType: undefined, smokeMaxLatency: undefined };
  const result = await setUpMonitor(
    {
      model,
      endpoint,
      ...engineSettings(inputs),
      artifactsUri: artifacts,
      baselineUri: inputs.baselineUri,
      trainingJob: inputs.trainingJobName,
      analyser: {
        program: builtProgram('analyser.mjs'),
        functionProgram: builtProgram('analyser-function.mjs'),
        base: inputs.analyserBase,
        repository: inputs.analyserRepository,
      },
      capture:
        capturePercent === undefined
          ? undefined
          : { percent: capturePercent, destination: inputs.captureS3Uri ?? `${artifacts}/capture` },
      smoke: smoke === undefined ? undefined : await readSmoke({ smoke, ...noLimits }, run, aws),
      notice: noticeOf(inputs, run),
      tags: { ...provenanceTags(provenanceOf(run)), ...inputs.tags },
      runId: context.runId,
      timeout: inputs.timeout,
    },
    { aws, log, signal, ledger: deploymentLedger(inputs.environment, run) },
  );
  return {
    'endpoint-config-name': result.endpointConfig,
    'baseline-statistics-uri': result.binding.statisticsUri,
    'baseline-constraints-uri': result.binding.constraintsUri,
    'alarm-name': result.alarmName,
    'analyser-image-uri': result.binding.analyserImage,
    'analyser-function-code-uri': result.functionCodeUri,
    reused: result.reused,
    notice: `${result.reused ? 'Still watching' : 'Watching'} ${endpoint} against its training data; alarm ${result.alarmName}`,
    'report-path': run.report(`monitor-${endpoint}`, result),
  };
}

/** The build puts it beside the actions; from the sources it is where the build left it. */
function builtProgram(name: string): string {
  const [beside = '', built = ''] = [name, `../../dist/${name}`].map((place) =>
    path.resolve(import.meta.dirname, place),
  );
  return existsSync(beside) ? beside : built;
}

function noticeOf(inputs: Inputs, { context }: Run) {
  const { notify, notifyToken: token, notifyRoleArn: roleArn, notifyEventType: eventType } = inputs;
  if (notify === 'none' || token === undefined || roleArn === undefined) return undefined;
  return { repository: context.repository, apiUrl: context.apiUrl, token, roleArn, eventType };
}
