/** `$`, `$.detail.name`, `$.resources[0]`, `$.detail['a b']`: the part of an event a rule's input asks for. */
export function valueAt(event: unknown, path: string): unknown {
  let value = event;
  for (const step of steps(path)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

export function isJsonPath(path: string): boolean {
  return /^\$(?:\.[\w-]+|\[\d+\]|\['[^']+'\])*$/.test(path);
}

function steps(path: string): string[] {
  return [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, name, index, quoted]) => name ?? index ?? quoted ?? '',
  );
}
