import { invalid } from '../checks.ts';

/** Picks something out of a record: an object, an array, or the columns of a CSV line. */
export type Pick = (record: unknown) => unknown;

type Step =
  | { kind: 'name'; name: string }
  | { kind: 'items'; items: number[] }
  | { kind: 'slice'; from: number; to: number | undefined };

const stepForms = /\.([A-Za-z_][\w-]*)|\['([^']+)'\]|\[(-?\d+(?:\s*,\s*-?\d+)*)\]|\[(-?\d*):(-?\d*)\]/y;

/**
 * The part of JSONPath that batch transform's filters are used with: `$`, `.name`, `['name']`, `[2]`, `[0,2]`, `[1:]`.
 * @throws AwsError ValidationException for anything else
 */
export function jsonPath(path: string): Pick {
  const steps: Step[] = [];
  if (!path.startsWith('$')) throw unreadable(path);
  for (let at = 1; at < path.length; at = stepForms.lastIndex) {
    stepForms.lastIndex = at;
    const match = stepForms.exec(path);
    if (match === null) throw unreadable(path);
    const [, dotted, quoted, items, from, to] = match;
    const name = dotted ?? quoted;
    if (name !== undefined) steps.push({ kind: 'name', name });
    else if (items !== undefined) steps.push({ kind: 'items', items: items.split(',').map(Number) });
    else
      steps.push({
        kind: 'slice',
        from: Number(from),
        to: to === '' || to === undefined ? undefined : Number(to),
      });
  }
  return (record) => steps.reduce(take, record);
}

function take(value: unknown, step: Step): unknown {
  if (step.kind === 'name')
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)[step.name]
      : undefined;
  if (!Array.isArray(value)) return undefined;
  if (step.kind === 'slice') return value.slice(step.from, step.to);
  const [first = 0] = step.items;
  return step.items.length === 1
    ? (value.at(first) as unknown)
    : step.items.map((item) => value.at(item) as unknown);
}

const unreadable = (path: string) =>
  invalid(`"${path}" is not a JSONPath that this local AWS reads ($, .name, ['name'], [2], [0,2], [1:]).`);
