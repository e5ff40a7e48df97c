import path from 'node:path';
import type { Outputs, ParsedInputs, Run } from '@tidegate/github';
import { register } from '@tidegate/pipeline';
import { connectFor } from '../connection.ts';
import { provenanceOf } from '../provenance.ts';
import type { contract } from './contract.ts';

type Inputs = ParsedInputs<(typeof contract)['inputs']>;

export async function registerModel(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { context, log, signal } = run;
  const aws = connectFor('register', inputs, run);
  const result = await register(
    {
      model: inputs.model,
      description: inputs.description,
      image: inputs.imageUri,
      modelUri: inputs.modelArtifactsUri,
      trainingJobName: inputs.trainingJobName,
      reportPath: inputs.evaluationReport && path.resolve(context.workspace, inputs.evaluationReport),
      allowUnevaluated: inputs.allowUnevaluated,
      approval: inputs.approvalStatus,
      environment: inputs.environment ?? {},
      contentTypes: inputs.contentTypes,
      responseTypes: inputs.responseTypes,
      inferenceInstances: inputs.inferenceInstances ?? [],
      baselineStatisticsUri: inputs.baselineStatisticsUri,
      baselineConstraintsUri: inputs.baselineConstraintsUri,
      properties: inputs.properties ?? {},
      tags: inputs.tags ?? {},
      provenance: provenanceOf(run),
    },
    { aws, log, signal },
  );
  run.summary(
    `### Registered \`${inputs.model}\` v${result.version}${result.reused ? ' (it was there already)' : ''}\n\n\`${result.packageArn}\` · ${result.approval}\n`,
  );
  return {
    status: result.reused ? 'reused' : 'registered',
    'model-package-arn': result.packageArn,
    'model-package-group-name': result.group,
    'model-package-version': result.version,
    'approval-status': result.approval,
    'image-uri': result.image,
    reused: result.reused,
    'console-url': result.consoleUrl,
    'report-path': run.report('register-model', result),
    notice: result.reused ? undefined : `Registered ${result.group} v${result.version}, ${result.approval}`,
  };
}
