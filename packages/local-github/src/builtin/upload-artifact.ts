import { findFiles, keepArtifact } from '../artifacts/artifacts.ts';
import { UserError } from '../errors.ts';
import type { BuiltinRequest, BuiltinResult } from './builtin.ts';

/** actions/upload-artifact: keeps files of the job under a name of the run. */
export async function uploadArtifact({ job, input, say, warn }: BuiltinRequest): Promise<BuiltinResult> {
  const name = input('name') || 'artifact';
  if (!input('path')) throw new UserError('Input required and not supplied: path');
  const { root, files } = findFiles(job.workspace, input('path'), input('include-hidden-files') === 'true');
  if (files.length === 0) {
    const message = `No files were found with the provided path: ${input('path')}. No artifacts will be uploaded.`;
    if (input('if-no-files-found') === 'error') throw new UserError(message);
    if (input('if-no-files-found') === 'ignore') say(message);
    else warn(message);
    return {};
  }
  const { repository, id: runId, attempt } = job.run;
  const artifact = keepArtifact(job.host, {
    repository,
    runId,
    attempt,
    name,
    root,
    files,
    overwrite: input('overwrite') === 'true',
  });
  say(`Artifact ${name} has ${files.length} files, ${artifact.sizeBytes} bytes as a zip, id ${artifact.id}.`);
  return {
    outputs: {
      'artifact-id': String(artifact.id),
      'artifact-url': `${job.host.serverUrl}/${repository}/actions/runs/${runId}/artifacts/${artifact.id}`,
      'artifact-digest': artifact.digest.replace('sha256:', ''),
    },
  };
}
