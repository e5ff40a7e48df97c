import { AwsError } from '../kernel/errors.ts';
import type { Model, ModelOperation } from './model.ts';
import type { WireRequest } from './wire.ts';

type Route = {
  operation: ModelOperation;
  method: string;
  pattern: RegExp;
  labels: string[];
  /** Fixed in the path template, e.g. `?uploads`, `?list-type=2`. */
  fixedQuery: [name: string, value: string][];
  /** Required members told apart by where they travel: CopyObject is a PutObject with a header more. */
  requiredQuery: string[];
  requiredHeaders: string[];
};

export type Matched = { operation: ModelOperation; labels: ReadonlyMap<string, string> };

const routesOfModel = new WeakMap<Model, Route[]>();

/** The label under which `matchRoute` gives the bucket of an S3 request. */
export const bucketLabel = 'Bucket';

type Request = Pick<WireRequest, 'method' | 'path' | 'query' | 'headers'>;

/** Finds the operation of a REST request: the most demanding route that fits. Labels are percent-decoded. */
export function matchRoute(model: Model, { method, path, query, headers }: Request): Matched | undefined {
  const { bucket, rest } = model.entry.bucketInPath ? splitBucket(path) : { bucket: undefined, rest: path };
  for (const route of routesOf(model)) {
    if (route.method !== method) continue;
    // The JavaScript SDK names the operation; others leave that to the rest of the request.
    if (query.has('x-id') && query.get('x-id') !== route.operation.name) continue;
    if (
      model.entry.bucketInPath &&
      route.operation.requiredMembers.includes(bucketLabel) !== (bucket !== undefined)
    )
      continue;
    if (
      !route.fixedQuery.every(
        ([name, value]) => query.has(name) && (value === '' || query.get(name) === value),
      )
    )
      continue;
    if (!route.requiredQuery.every((name) => query.has(name))) continue;
    if (!route.requiredHeaders.every((name) => headers[name] !== undefined)) continue;
    const match = route.pattern.exec(rest);
    if (match === null) continue;
    const labels = new Map(route.labels.map((label, index) => [label, decode(match[index + 1] ?? '')]));
    if (bucket !== undefined) labels.set(bucketLabel, decode(bucket));
    return { operation: route.operation, labels };
  }
  return undefined;
}

function splitBucket(path: string) {
  const [, bucket = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(path) ?? [];
  return bucket === '' ? { bucket: undefined, rest: '/' } : { bucket, rest: rest === '' ? '/' : rest };
}

function decode(text: string) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

function routesOf(model: Model): Route[] {
  let routes = routesOfModel.get(model);
  if (routes === undefined) routesOfModel.set(model, (routes = makeRoutes(model)));
  return routes;
}

function makeRoutes(model: Model): Route[] {
  const routes: Route[] = [];
  for (const operation of model.operations.values())
    if (operation.http) routes.push(makeRoute(operation, operation.http));
  const demands = (route: Route) =>
    route.fixedQuery.length + route.requiredQuery.length + route.requiredHeaders.length;
  const literal = (route: Route) =>
    route.operation.http?.[1].replace(/\?.*/, '').replace(/\{[^}]+\}/g, '').length ?? 0;
  return routes.sort((a, b) => demands(b) - demands(a) || literal(b) - literal(a));
}

function makeRoute(operation: ModelOperation, [method, uri]: readonly [string, string, number]): Route {
  const [path = '/', query = ''] = uri.split('?');
  const labels: string[] = [];
  const pattern = path
    .replace(/[.*^$()|[\]\\]/g, '\\$&')
    .replace(/\{([^}+]+)(\+)?\}/g, (_, label: string, greedy?: string) => {
      labels.push(label);
      return greedy ? '(.+)' : '([^/]+)';
    });
  return {
    operation,
    method,
    pattern: new RegExp(`^${pattern}${path.endsWith('+}') ? '' : '/?'}$`, 's'),
    labels,
    fixedQuery: [...new URLSearchParams(query)].filter(([name]) => name !== 'x-id'),
    ...requiredPlaces(operation),
  };
}

function requiredPlaces(operation: ModelOperation) {
  const requiredQuery: string[] = [];
  const requiredHeaders: string[] = [];
  for (const member of operation.requiredMembers) {
    const { httpQuery, httpHeader } = operation.input.getMemberSchema(member).getMergedTraits();
    if (httpQuery) requiredQuery.push(httpQuery);
    if (httpHeader) requiredHeaders.push(httpHeader.toLowerCase());
  }
  return { requiredQuery, requiredHeaders };
}
