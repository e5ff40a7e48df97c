/** What an image was made of, as far as we put it there or know it. */
export type BillOfMaterials = {
  /** The image's name without tag and digest, and its digest. */
  image: { name: string; digest: string };
  base: { name: string; digest: string };
  packages: readonly { name: string; version: string }[];
  /** Our layers, as they unpack. */
  layers: readonly { createdBy: string; diffId: string }[];
};

export const sbomType = 'application/vnd.cyclonedx+json';
/** What a statement is called whose predicate is such a bill. */
export const sbomPredicate = 'https://cyclonedx.org/bom';

/**
 * A software bill of materials in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). It says nothing of when and
 * where it was made, so that the same image has the same one.
 */
export function cycloneDx({ image, base, packages, layers }: BillOfMaterials): object {
  const container = containerOf(image);
  const components = [
    containerOf(base),
    ...packages.map(({ name, version }) => ({
      type: 'library',
      'bom-ref': pypi(name, version),
      name,
      version,
      purl: pypi(name, version),
    })),
    ...layers.map(({ createdBy, diffId }) => ({
      type: 'file',
      'bom-ref': `layer:${diffId}`,
      name: createdBy,
      hashes: [{ alg: 'SHA-256', content: diffId.slice('sha256:'.length) }],
    })),
  ];
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { tools: { components: [{ type: 'application', name: 'tidegate' }] }, component: container },
    components,
    dependencies: [
      { ref: container['bom-ref'], dependsOn: components.map((component) => component['bom-ref']) },
      ...components.map((component) => ({ ref: component['bom-ref'] })),
    ],
  };
}

function containerOf({ name, digest }: { name: string; digest: string }) {
  const short = name.slice(name.lastIndexOf('/') + 1).split(':')[0] ?? name;
  const purl = `pkg:oci/${short}@${encodeURIComponent(digest)}?repository_url=${encodeURIComponent(name.split(':')[0] ?? name)}`;
  const hashes = [{ alg: 'SHA-256', content: digest.slice('sha256:'.length) }];
  return { type: 'container', 'bom-ref': purl, name, version: digest, purl, hashes };
}

/** Package URLs write names as the index compares them: lower case, with hyphens. */
function pypi(name: string, version: string): string {
  return `pkg:pypi/${name.toLowerCase().replace(/[-_.]+/g, '-')}@${encodeURIComponent(version)}`;
}

/** The digest of the image that a bill of materials is of; '' where it does not say. */
export function imageOf(bom: object): string {
  const { metadata } = bom as { metadata?: { component?: { version?: unknown } } };
  const version = metadata?.component?.version;
  return typeof version === 'string' ? version : '';
}
