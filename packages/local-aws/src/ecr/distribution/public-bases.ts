import { perWorld } from '../../kernel/per-world.ts';
import type { World } from '../../kernel/world.ts';
import { sha256 } from '../blobs.ts';
import { RegistryError } from './errors.ts';
import type { RegistryCall } from './registry-call.ts';

// Clients that use a mirror say whose image they want with `?ns=` (containerd's convention). This machine may have no
// network, so the bases of the examples are made up: an empty layer and a configuration, good for being appended to.
// They depend on nothing but family and version, so that a digest that was pinned once is found in every world.

const families: Readonly<
  Record<string, { versions: string[]; latest: string; environment: string; command: string }>
> = {
  python: {
    versions: ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15'],
    latest: '3.14',
    environment: 'PYTHON_VERSION',
    command: 'python3',
  },
  node: {
    versions: ['18', '20', '22', '24', '26'],
    latest: '24',
    environment: 'NODE_VERSION',
    command: 'node',
  },
  // `rayproject/ray` and AWS's own: the start program in an image runs Ray Serve with this machine's Python.
  ray: { versions: ['2'], latest: '2', environment: 'RAY_VERSION', command: 'python3' },
};

const media = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
};

type Content = { type: string; bytes: Buffer };
/** The made-up images of one family: everything by digest, and the index of each version. */
type Family = { content: Map<string, Content>; indexes: Map<string, string> };

/** Answers a request for another registry's image, without authentication; false where the request is for our own. */
export function answerPublicBase(call: RegistryCall): boolean {
  const { world, method, repository, name, query, response } = call;
  const registry = query.get('ns');
  if (registry === null || registry.endsWith('.amazonaws.com')) return false;
  if (method !== 'GET' && method !== 'HEAD') {
    throw new RegistryError(405, 'UNSUPPORTED', `${registry} is mirrored for reading only`);
  }
  const family = /(?:^|\/)(python|node|ray)$/.exec(repository)?.[1];
  if (!family) {
    throw new RegistryError(
      404,
      'NAME_UNKNOWN',
      `${registry}/${repository} is not among the made-up bases (${Object.keys(families).join(', ')})`,
    );
  }
  const { content, indexes } = madeUp(world, family);
  const digest = name.startsWith('sha256:') ? name : (indexes.get(versionOf(family, name)) ?? '');
  const found = content.get(digest);
  if (!found) {
    throw new RegistryError(
      404,
      'MANIFEST_UNKNOWN',
      `${registry}/${repository}:${name} is not among the made-up bases of the local registry`,
    );
  }
  response.writeHead(200, {
    'content-type': found.type,
    'content-length': found.bytes.length,
    'docker-content-digest': digest,
  });
  response.end(method === 'HEAD' ? undefined : found.bytes);
  return true;
}

/** `3.12-slim` and `3.12.4` are 3.12; `slim` and `latest` are the newest. */
function versionOf(family: string, tag: string): string {
  const { versions = [], latest = '' } = families[family] ?? {};
  const numbers = /^\d+(?:\.\d+)?/.exec(tag)?.[0];
  if (numbers === undefined) return latest;
  return versions.find((version) => version === numbers || version === numbers.split('.')[0]) ?? numbers;
}

function madeUp(world: World, family: string): Family {
  return perWorld(world, `ecr-public-bases-${family}`, () => {
    const made: Family = { content: new Map(), indexes: new Map() };
    const keep = (
      type: string,
      value: Buffer | object,
    ): { mediaType: string; digest: string; size: number } => {
      const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
      const digest = sha256(bytes);
      made.content.set(digest, { type, bytes });
      return { mediaType: type, digest, size: bytes.length };
    };
    // A tar archive without entries: its two blocks of zeros.
    const layer = keep(media.layer, Buffer.alloc(1024));
    for (const version of families[family]?.versions ?? []) {
      const manifests = ['amd64', 'arm64'].map((architecture) => {
        const config = keep(media.config, configOf(family, version, architecture, layer.digest));
        const manifest = { schemaVersion: 2, mediaType: media.manifest, config, layers: [layer] };
        return { ...keep(media.manifest, manifest), platform: { os: 'linux', architecture } };
      });
      made.indexes.set(
        version,
        keep(media.index, { schemaVersion: 2, mediaType: media.index, manifests }).digest,
      );
    }
    return made;
  });
}

function configOf(family: string, version: string, architecture: string, diffId: string): object {
  const { environment, command } = families[family] ?? {};
  return {
    created: '1970-01-01T00:00:00Z',
    architecture,
    os: 'linux',
    config: {
      Env: ['PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', `${environment}=${version}`],
      Cmd: [command],
      Labels: { 'ai.tidegate.made-up': 'true' },
    },
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'made up by the local registry' }],
  };
}
