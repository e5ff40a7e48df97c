import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { FeatureFlags } from '@actions/expressions/features';
import { JSONObjectReader } from '@actions/workflow-parser/templates/json-object-reader';
import { TemplateSchema } from '@actions/workflow-parser/templates/schema/template-schema';
import {
  TemplateContext,
  TemplateValidationErrors,
} from '@actions/workflow-parser/templates/template-context';
import { readTemplate } from '@actions/workflow-parser/templates/template-reader';
import { NoOperationTraceWriter } from '@actions/workflow-parser/templates/trace-writer';
import { YamlObjectReader } from '@actions/workflow-parser/workflows/yaml-object-reader';

// The package's front door imports its schemas as JSON modules without the attribute that Node demands.
// Its parts do not, so they are imported one by one and the schemas are read as the files they are.
const dist = new URL('dist/', `file://${findPackageJSON('@actions/workflow-parser', import.meta.url)}`);

const schemas = new Map<string, TemplateSchema>();

function schema(file: string): TemplateSchema {
  const known = schemas.get(file);
  if (known) return known;
  const text = readFileSync(new URL(file, dist), 'utf8');
  const loaded = TemplateSchema.load(new JSONObjectReader(undefined, text));
  schemas.set(file, loaded);
  return loaded;
}

const KINDS = {
  workflow: { file: 'workflow-v1.0.min.json', root: 'workflow-root-strict' },
  action: { file: 'action-v1.0.min.json', root: 'action-root' },
} as const;

/** Reads YAML text against GitHub's own schema; `context.errors` says what is wrong, `root` is the tree of tokens. */
export function readAgainstSchema(kind: keyof typeof KINDS, name: string, text: string) {
  const { file, root: type } = KINDS[kind];
  const context = new TemplateContext(
    new TemplateValidationErrors(),
    schema(file),
    new NoOperationTraceWriter(),
  );
  context.state['featureFlags'] = new FeatureFlags({ all: true });
  const fileId = context.getFileId(name);
  const reader = new YamlObjectReader(fileId, text);
  for (const error of reader.errors) context.error(fileId, error.message, error.range);
  const root = reader.errors.length > 0 ? undefined : readTemplate(context, type, reader, fileId);
  return { context, root };
}
