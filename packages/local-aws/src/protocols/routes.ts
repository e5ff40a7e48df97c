import type { Model, ModelOperation } from './model.ts';

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

/** Finds the operation of a REST request: the most demanding route that fits. `path` is still percent-encoded. */
export function matchRoute(
  model: Model,
  method: string,
  path: string,
  query: URLSearchParams,
  headers: Readonly<Record<string, unknown>>,
): Matched | undefined {
  let routes = routesOfModel.get(model);
  if (routes === undefined) routesOfModel.set(model, (routes = makeRoutes(model)));
  for (const route of routes) {
    if (route.method !== method) continue;
    if (
      !route.fixedQuery.every(
        ([name, value]) => query.has(name) && (value === '' || query.get(name) === value),
      )
    )
      continue;
    if (!route.requiredQuery.every((name) => query.has(name))) continue;
    if (!route.requiredHeaders.every((name) => headers[name] !== undefined)) continue;
    const match = route.pattern.exec(path);
    if (match === null) continue;
    const labels = new Map(
      route.labels.map((label, index) => [label, decodeURIComponent(match[index + 1] ?? '')]),
    );
    return { operation: route.operation, labels };
  }
  return undefined;
}

function makeRoutes(model: Model): Route[] {
  const routes: Route[] = [];
  for (const operation of model.operations.values())
    if (operation.http) routes.push(makeRoute(operation, operation.http));
  const demands = (route: Route) =>
    route.fixedQuery.length + route.requiredQuery.length + route.requiredHeaders.length;
  const literal = (route: Route) => route.operation.http?.[1].replace(/\{[^}]+\}/g, '').length ?? 0;
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
    // `x-id` only names the operation for humans; clients may leave it out.
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
