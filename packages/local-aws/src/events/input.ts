import type { InputTransformer } from '@aws-sdk/client-eventbridge';
import { valueAt } from './json-path.ts';
import type { RuleRecord, TargetRecord } from './records.ts';

export type Envelope = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
};

/** What a target gets: the event, a part of it, a constant, or what a template makes of it. */
export function targetInput(event: Envelope, rule: RuleRecord, target: TargetRecord): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? null);
  if (target.InputTransformer) return transform(event, rule, target.InputTransformer);
  return JSON.stringify(event);
}

/**
 * `<name>` stands for a value. Inside a JSON string its bare text is put in; elsewhere in a JSON template the value as
 * JSON; in a template that is plain text, text. A path that finds nothing gives `null`, in texts nothing.
 */
function transform(
  event: Envelope,
  rule: RuleRecord,
  { InputPathsMap = {}, InputTemplate = '' }: InputTransformer,
): string {
  const reserved: Record<string, unknown> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': event.time,
    'aws.events.event': { ...event, detail: undefined },
    'aws.events.event.json': event,
  };
  const valueOf = (name: string) =>
    name in reserved ? reserved[name] : valueAt(event, InputPathsMap[name] ?? '');
  const isKnown = (name: string) => name in reserved || name in InputPathsMap;
  const isJson = /^\s*[{["]/.test(InputTemplate);
  let inString = false;
  return InputTemplate.replace(/\\.|"|<([^<>\s]+)>/gs, (found, name?: string) => {
    if (found === '"') inString = !inString;
    if (name === undefined || !isKnown(name)) return found;
    const value = valueOf(name);
    if (isJson && !inString) return JSON.stringify(value ?? null);
    const text =
      value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    return isJson ? JSON.stringify(text).slice(1, -1) : text;
  });
}
