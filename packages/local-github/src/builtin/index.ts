import type { Builtin } from './builtin.ts';
import { cache, restoreCache, saveCache } from './cache.ts';
import { checkout } from './checkout.ts';
import { configureAwsCredentials } from './configure-aws-credentials.ts';
import { downloadArtifact } from './download-artifact.ts';
import { setupNode } from './setup-node.ts';
import { setupPython } from './setup-python.ts';
import { uploadArtifact } from './upload-artifact.ts';

export const BUILTINS: Record<string, Builtin> = {
  'actions/checkout': checkout,
  'actions/setup-node': setupNode,
  'actions/setup-python': setupPython,
  'actions/upload-artifact': uploadArtifact,
  'actions/download-artifact': downloadArtifact,
  'actions/cache': cache,
  'actions/cache/restore': restoreCache,
  'actions/cache/save': saveCache,
  'aws-actions/configure-aws-credentials': configureAwsCredentials,
};
