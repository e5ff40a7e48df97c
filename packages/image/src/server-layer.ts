import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ConfigEdits, RunConfig } from './config.ts';
import { fileEntry, listFolder } from './layers/file-tree.ts';
import type { FileLayer } from './layers/layer.ts';
import type { Requirements } from './python/requirements.ts';
import type { PythonTarget } from './python/target.ts';

/** What the start program starts: our own server, or one that the base brings. */
export type ModelServer = 'tidegate' | 'tensorflow-serving' | 'triton' | 'vllm' | 'ray-serve';

/** Where things lie in an image that our server serves. */
export const serverPaths = {
  code: '/opt/tidegate/code',
  server: '/opt/tidegate/server',
  packages: '/opt/tidegate/packages',
  requirements: '/opt/tidegate/requirements.txt',
} as const;

// The last uvicorn that runs on Python 3.9, which SageMaker's framework images still carry.
const uvicorn = 'uvicorn==0.39.0';

/** The start program with our server, and the list of packages. */
export function serverLayer(server: ModelServer, requirements: string): FileLayer {
  const others = server === 'tidegate' ? /__pycache__|^named_servers$|^start\.sh$/ : /__pycache__/;
  return {
    entries: [
      fileEntry(serverPaths.requirements, requirements),
      ...listFolder(serverFolder(), serverPaths.server, (name) => others.test(name)),
    ],
    compression: 'gzip',
    createdBy: 'tidegate: model server',
  };
}

/** What the server needs beside the user's packages: nothing where they have chosen a version of it, or the base has it. */
export function serverRequirements(server: ModelServer, { lines }: Requirements): string[] {
  const isOurs = server === 'tidegate' || server === 'tensorflow-serving';
  return !isOurs || lines.some((line) => /^uvicorn\b/i.test(line)) ? [] : [uvicorn];
}

/** The list that lies in the image: for whoever wants to know, and for runtimes that install it themselves. */
export function formatRequirements(server: ModelServer, requirements: Requirements, folder: string): string {
  const constraints = requirements.constraints.map(
    // Paths in a requirements file begin at that file, and the code lies beside it.
    ({ file }) => `-c ${path.posix.join('code', path.relative(folder, file))}`,
  );
  const { lines } = requirements;
  // A base that the local registry made up brings no server.
  const ofBase = server === 'ray-serve' && !lines.some((line) => /^ray\b/i.test(line)) ? ['ray[serve]'] : [];
  return [...constraints, ...lines, ...ofBase, ...serverRequirements(server, requirements), ''].join('\n');
}

/**
 * What the image's configuration says so that SageMaker, and whoever else starts it, gets the server.
 * @param entry a script with handlers; for Ray Serve its application
 * @param base what the base's configuration says
 */
export function serverEdits(
  server: ModelServer,
  entry: string | undefined,
  base: RunConfig = {},
): ConfigEdits {
  const [first = ''] = base.Entrypoint ?? [];
  return {
    entrypoint:
      server === 'tidegate'
        ? ['python3', `${serverPaths.server}/serve.py`]
        : // NVIDIA's own entrypoint runs what follows, after it has seen to CUDA's compatibility with the host's driver.
          [
            ...(first.endsWith('/nvidia_entrypoint.sh') ? [first] : []),
            '/bin/sh',
            `${serverPaths.server}/start.sh`,
          ],
    command: ['serve'],
    workingDirectory: serverPaths.code,
    environment: {
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      ...(server !== 'tidegate' && { TIDEGATE_SERVER: server }),
      ...(entry !== undefined && {
        [server === 'ray-serve' ? 'SM_RAYSERVE_APP' : 'SAGEMAKER_PROGRAM']: entry,
      }),
    },
    labels: {
      'ai.tidegate.requirements': serverPaths.requirements,
      // SageMaker may then choose the port, which it must where several containers share an instance.
      'com.amazonaws.sagemaker.capabilities.accept-bind-to-port': 'true',
    },
    ports: [8080],
  };
}

/** What it says beside a server that the base starts by itself: where the code lies, in the words of SageMaker's toolkits. */
export function codeEdits(entry: string | undefined): ConfigEdits {
  if (entry === undefined) return {};
  return { environment: { SAGEMAKER_SUBMIT_DIRECTORY: serverPaths.code, SAGEMAKER_PROGRAM: entry } };
}

/**
 * Tells a Debian's or Ubuntu's own Python where the packages are: Triton runs models in an interpreter that hears no
 * PYTHONPATH.
 */
export function packagesPathLayer({ version, folder }: PythonTarget): FileLayer {
  const file = `/usr/local/lib/python${version}/dist-packages/tidegate.pth`;
  return {
    entries: [fileEntry(file, `${serverPaths.packages}/${folder}\n`)],
    compression: 'gzip',
    createdBy: 'tidegate: path of packages',
  };
}

/** Beside the sources, or beside the bundle that was made of them. */
function serverFolder(): string {
  const places = ['../server', './server'].map((place) => path.resolve(import.meta.dirname, place));
  const found = places.find((place) => existsSync(path.join(place, 'serve.py')));
  if (!found) throw new Error(`the model server's files are missing: looked in ${places.join(' and ')}`);
  return found;
}
