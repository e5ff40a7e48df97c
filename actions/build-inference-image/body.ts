import path from 'node:path';
import type { Outputs, ParsedInputs, Run } from '@tidegate/github';
import { buildImage } from '@tidegate/pipeline';
import { connectFor } from '../connection.ts';
import { provenanceOf } from '../provenance.ts';
import type { contract } from './contract.ts';

type Inputs = ParsedInputs<(typeof contract)['inputs']>;

export async function buildInferenceImage(inputs: Inputs, run: Run): Promise<Outputs<typeof contract>> {
  const { context, log, signal } = run;
  const aws = connectFor('image', inputs, run);
  const manifestFolder = path.dirname(path.resolve(context.workspace, inputs.manifest));
  const result = await buildImage(
    {
      repository: inputs.repository ?? inputs.model ?? '',
      createRepository: inputs.createRepository,
      server: inputs.server,
      base: inputs.baseImage,
      mirrorBase: inputs.mirrorBase,
      source: path.resolve(context.workspace, inputs.source),
      entry: inputs.entry,
      dockerfile: inputs.dockerfile,
      engine: inputs.engine,
      requirements: inputs.requirements,
      dependencies: inputs.dependencies,
      pythonVersion: inputs.pythonVersion,
      tags: inputs.tags ?? [],
      skipIfExists: inputs.skipIfExists,
      environment: inputs.environment ?? {},
      labels: inputs.labels ?? {},
      maxImageSizeGb: inputs.maxImageSizeGb,
      platform: inputs.platform,
      target: inputs.target,
      instanceType: inputs.instanceType,
      attest: inputs.attest ? provenanceOf(run) : undefined,
      signingKey: inputs.signingKey,
      lockFile: path.join(manifestFolder, 'tidegate.lock'),
    },
    { aws, log, signal },
  );
  return {
    'image-uri': result.imageUri,
    digest: result.digest,
    'base-digest': result.baseDigest,
    'size-bytes': result.sizeBytes,
    'pushed-bytes': result.pushedBytes,
    'sbom-path': result.sbom && run.report('sbom', result.sbom),
    'attestation-uri': result.attestationUri,
    reused: result.reused,
    'console-url': result.consoleUrl,
    'report-path': run.report('build-inference-image', result),
    notice: result.reused
      ? `Reused ${result.digest.slice(0, 19)}…: nothing had to be built`
      : `Pushed ${result.digest.slice(0, 19)}…, ${size(result.pushedBytes)} sent of ${size(result.sizeBytes)}`,
  };
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
