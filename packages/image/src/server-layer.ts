import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ConfigEdits } from './config.ts';
import { fileEntry, listFolder } from './layers/file-tree.ts';
import type { FileLayer } from './layers/layer.ts';
import type { Requirements } from './python/requirements.ts';

/** Where things lie in an image that our server serves. */
export const serverPaths = {
  code: '/opt/tidegate/code',
  server: '/opt/tidegate/server',
  packages: '/opt/tidegate/packages',
  requirements: '/opt/tidegate/requirements.txt',
} as const;

// The last uvicorn that runs on Python 3.9, which SageMaker's framework images still carry.
const uvicorn = 'uvicorn==0.39.0';

/** The model server: program and list of packages, the user's with ours. */
export function serverLayer(requirements: string): FileLayer {
  const isBytecode = (name: string) => name.includes('__pycache__');
  return {
    entries: [
      fileEntry(serverPaths.requirements, requirements),
      ...listFolder(serverFolder(), serverPaths.server, isBytecode),
    ],
    compression: 'gzip',
    createdBy: 'tidegate: model server',
  };
}

/** What the server needs beside the user's packages: nothing where they have chosen a version of it. */
export function serverRequirements({ lines }: Requirements): string[] {
  return lines.some((line) => /^uvicorn\b/i.test(line)) ? [] : [uvicorn];
}

/** The list that lies in the image: for whoever wants to know, and for runtimes that install it themselves. */
export function formatRequirements(requirements: Requirements, folder: string): string {
  const constraints = requirements.constraints.map(
    // Paths in a requirements file begin at that file, and the code lies beside it.
    ({ file }) => `-c ${path.posix.join('code', path.relative(folder, file))}`,
  );
  return [...constraints, ...requirements.lines, ...serverRequirements(requirements), ''].join('\n');
}

/** What the image's configuration says so that SageMaker, and whoever else starts it, gets the server. */
export function serverEdits(entry: string): ConfigEdits {
  return {
    entrypoint: ['python3', `${serverPaths.server}/serve.py`],
    command: ['serve'],
    workingDirectory: serverPaths.code,
    environment: { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', SAGEMAKER_PROGRAM: entry },
    labels: {
      'ai.tidegate.requirements': serverPaths.requirements,
      // SageMaker may then choose the port, which it must where several containers share an instance.
      'com.amazonaws.sagemaker.capabilities.accept-bind-to-port': 'true',
    },
    ports: [8080],
  };
}

/** Beside the sources, or beside the bundle that was made of them. */
function serverFolder(): string {
  const places = ['../server', './server'].map((place) => path.resolve(import.meta.dirname, place));
  const found = places.find((place) => existsSync(path.join(place, 'serve.py')));
  if (!found) throw new Error(`the model server's files are missing: looked in ${places.join(' and ')}`);
  return found;
}
