import { LineCounter, parseDocument, type Document } from 'yaml';
import { convertOn } from '@actions/workflow-parser/model/converter/events';
import { convertJobs } from '@actions/workflow-parser/model/converter/jobs';
import type { Problem } from '../errors.ts';
import { asText, type Json, type JsonObject } from '../expressions/values.ts';
import { readAgainstSchema } from './schema.ts';
import type { Action, EventFilter, Events, Workflow } from './shape.ts';

/** Finds the line and column of a value in the file it came from. */
export type Locate = (path: (string | number)[]) => { line: number; column: number };

export type WorkflowFile = { file: string; workflow: Workflow; events: Events; locate: Locate };
export type Reading<T> = { problems: Problem[]; value: T | undefined };

/** Reads a workflow with GitHub's own parser; `problems` carries GitHub's messages, `value` is undefined if there are any. */
export function readWorkflow(file: string, text: string): Reading<WorkflowFile> {
  const { context, root } = readAgainstSchema('workflow', file, text);
  let names: string[] = [];
  if (root && context.errors.count === 0) {
    const mapping = root.assertMapping('workflow');
    const value = (key: string) => mapping.find(key);
    const on = value('on');
    const jobs = value('jobs');
    if (on) names = Object.keys(attempt(context, on, () => convertOn(context, on)) ?? {});
    if (jobs) attempt(context, jobs, () => convertJobs(context, jobs));
  }
  const problems = problemsOf(file, context.errors.getErrors());
  if (problems.length > 0) return { problems, value: undefined };
  const { content, locate } = readYaml(text);
  const { on, ...workflow } = content as Workflow & { on: Json };
  return { problems, value: { file, workflow, events: eventsOf(on, names), locate } };
}

/** Reads an action.yml with GitHub's own parser. */
export function readAction(file: string, text: string): Reading<Action> {
  const { context } = readAgainstSchema('action', file, text);
  const problems = problemsOf(file, context.errors.getErrors());
  return { problems, value: problems.length > 0 ? undefined : (readYaml(text).content as Action) };
}

type Context = ReturnType<typeof readAgainstSchema>['context'];
type Token = NonNullable<ReturnType<typeof readAgainstSchema>['root']>;

function attempt<T>(context: Context, token: Token, body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    context.error(token, error);
    return undefined;
  }
}

function problemsOf(file: string, errors: ReturnType<Context['errors']['getErrors']>): Problem[] {
  return errors.map((error) => ({
    file,
    line: error.range?.start.line ?? 1,
    column: error.range?.start.column ?? 1,
    message: error.rawMessage.replace(/ at line \d+, column \d+:[\s\S]*$/, ''),
  }));
}

function readYaml(text: string): { content: unknown; locate: Locate } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  return { content: document.toJS(), locate: (path) => placeOf(document, lines, path) };
}

/** The place of the value at `path`, or of the nearest thing around it that exists. */
function placeOf(document: Document, lines: LineCounter, path: (string | number)[]) {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      { range?: [number, number, number] } | undefined;
    if (!node?.range) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return { line, column: col };
  }
  return { line: 1, column: 1 };
}

function eventsOf(on: Json, names: string[]): Events {
  const map = on !== null && typeof on === 'object' && !Array.isArray(on) ? on : {};
  return Object.fromEntries(names.map((name) => [name, filterOf(map[name])]));
}

const LISTS = [
  'branches',
  'branches-ignore',
  'tags',
  'tags-ignore',
  'paths',
  'paths-ignore',
  'types',
] as const;

function filterOf(written: Json | undefined): EventFilter {
  if (Array.isArray(written)) return { crons: written.map((item) => asText((item as JsonObject)['cron'])) };
  if (written === null || typeof written !== 'object') return {};
  const filter = { ...written } as EventFilter;
  for (const key of LISTS) if (typeof written[key] === 'string') filter[key] = [written[key]];
  return filter;
}
