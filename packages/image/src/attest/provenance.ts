import { sha, statement, type Statement } from './statement.ts';

/** Who made an image, from what, on whose behalf. */
export type Origin = {
  image: { name: string; digest: string };
  base: { name: string; digest: string };
  /** The digests of the layers that were put on the base, as they unpack. */
  layers: readonly string[];
  /** The source repository (`https://github.com/<owner>/<name>`) and commit. */
  source: { repository: string; commit: string } | undefined;
  /** The run that made it, e.g. a workflow run's address. */
  invocation: string | undefined;
  /** What the user asked for. */
  parameters: Readonly<Record<string, unknown>>;
};

/** SLSA's predicate (https://slsa.dev/spec/v1.0/provenance). */
export const provenancePredicate = 'https://slsa.dev/provenance/v1';
/** Who makes our images, and how: what a verifier compares. */
export const builderId = 'https://github.com/tidegate/tidegate';
export const buildType = `${builderId}/build-inference-image/v1`;

/** What an image was made of, by whom, for which commit. */
export function provenance({ image, base, layers, source, invocation, parameters }: Origin): Statement {
  const dependencies = [
    { uri: `oci://${base.name}`, digest: sha(base.digest) },
    ...(source
      ? [{ uri: `git+${source.repository}@${source.commit}`, digest: { gitCommit: source.commit } }]
      : []),
  ];
  return statement(image, provenancePredicate, {
    buildDefinition: {
      buildType,
      externalParameters: parameters,
      internalParameters: { layers },
      resolvedDependencies: dependencies,
    },
    runDetails: {
      builder: { id: builderId },
      ...(invocation && { metadata: { invocationId: invocation } }),
    },
  });
}

/** What a statement of provenance says, as far as it says it. */
export type ToldOrigin = { builder: string; buildType: string; repository: string; commit: string };

/** Reads what somebody else may have written: whatever is not where it should be is ''. */
export function originOf({ predicate }: Statement): ToldOrigin {
  const { buildDefinition, runDetails } = predicate as {
    buildDefinition?: {
      buildType?: unknown;
      resolvedDependencies?: { uri?: unknown; digest?: { gitCommit?: unknown } }[];
    };
    runDetails?: { builder?: { id?: unknown } };
  };
  const dependencies = buildDefinition?.resolvedDependencies;
  const source = (Array.isArray(dependencies) ? dependencies : []).find(({ uri }) =>
    text(uri).startsWith('git+'),
  );
  return {
    builder: text(runDetails?.builder?.id),
    buildType: text(buildDefinition?.buildType),
    repository: text(source?.uri)
      .replace(/^git\+/, '')
      .replace(/@[^@/]*$/, ''),
    commit: text(source?.digest?.gitCommit),
  };
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');
