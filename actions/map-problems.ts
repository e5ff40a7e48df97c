/* Checks of what stands inside a map, shared by contracts: they run before anything else is loaded. */

type Problem = readonly [input: string, sentence: string];

/** One problem for each value of a map that a check finds fault with. */
export function mapProblems(
  input: string,
  map: Readonly<Record<string, string>> | undefined,
  check: (value: string) => string | undefined,
): Problem[] {
  return Object.entries(map ?? {}).flatMap(([key, value]) => {
    const problem = check(value);
    return problem === undefined ? [] : [[input, `${key}: ${problem}`] as const];
  });
}

export function s3UriProblem(value: string): string | undefined {
  if (/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/.test(value)) return undefined;
  return `"${value}" is not an S3 URI (s3://bucket/key)`;
}

export function regexProblem(value: string): string | undefined {
  try {
    const groups = (new RegExp(`${value}|`).exec('')?.length ?? 1) - 1;
    return groups === 1 ? undefined : `"${value}" needs one group that holds the number, and has ${groups}`;
  } catch (error) {
    return `"${value}" is not a regular expression: ${(error as Error).message}`;
  }
}
