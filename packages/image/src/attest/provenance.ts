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

export const provenanceType = 'application/vnd.in-toto+json';

/**
 * A statement of provenance: in-toto's Statement v1 with SLSA's predicate v1 (https://slsa.dev/spec/v1.0/provenance).
 * It is not signed; what vouches for it is who may push to the repository.
 */
export function provenance({ image, base, layers, source, invocation, parameters }: Origin): object {
  const dependencies = [
    { uri: `oci://${base.name}`, digest: sha(base.digest) },
    ...(source
      ? [{ uri: `git+${source.repository}@${source.commit}`, digest: { gitCommit: source.commit } }]
      : []),
  ];
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: image.name, digest: sha(image.digest) }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://github.com/tidegate/tidegate/build-inference-image/v1',
        externalParameters: parameters,
        internalParameters: { layers },
        resolvedDependencies: dependencies,
      },
      runDetails: {
        builder: { id: 'https://github.com/tidegate/tidegate' },
        ...(invocation && { metadata: { invocationId: invocation } }),
      },
    },
  };
}

function sha(digest: string): { sha256: string } {
  return { sha256: digest.slice('sha256:'.length) };
}
