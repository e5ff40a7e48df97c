import { ImageError } from './errors.ts';

/** An image's configuration: what it runs, and the digests of its uncompressed layers. */
export type ImageConfig = {
  created?: string;
  architecture: string;
  os: string;
  variant?: string;
  config?: RunConfig;
  rootfs: { type: 'layers'; diff_ids: string[] };
  history?: { created?: string; created_by?: string; empty_layer?: boolean; comment?: string }[];
};

export type RunConfig = {
  Env?: string[] | null;
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  WorkingDir?: string;
  User?: string;
  Labels?: Record<string, string> | null;
  ExposedPorts?: Record<string, object> | null;
};

/** What to change of an image's configuration; what is absent stays as in the base. */
export type ConfigEdits = {
  entrypoint?: string[];
  /** An entrypoint without a command clears the base's command, as Docker does. */
  command?: string[];
  environment?: Record<string, string>;
  labels?: Record<string, string>;
  workingDirectory?: string;
  user?: string;
  /** TCP ports that the image listens on. */
  ports?: number[];
};

/** The configuration with layers added and edits made. Nothing in it depends on the time or on this machine. */
export function editConfig(
  base: ImageConfig,
  layers: readonly { diffId: string; createdBy: string }[],
  edits: ConfigEdits,
): ImageConfig {
  if (base.rootfs?.type !== 'layers' || !Array.isArray(base.rootfs.diff_ids)) {
    throw new ImageError(
      'the base image has no rootfs.diff_ids: it is an artifact, not an image that can be run',
    );
  }
  const created = '1970-01-01T00:00:00Z';
  return {
    ...base,
    created,
    config: editRunConfig(base.config ?? {}, edits),
    rootfs: { type: 'layers', diff_ids: [...base.rootfs.diff_ids, ...layers.map(({ diffId }) => diffId)] },
    history: [
      ...(base.history ?? []),
      ...layers.map(({ createdBy }) => ({ created, created_by: createdBy, comment: 'tidegate' })),
    ],
  };
}

function editRunConfig(base: RunConfig, edits: ConfigEdits): RunConfig {
  const environment = new Map((base.Env ?? []).map((line) => split(line)));
  for (const [name, value] of Object.entries(edits.environment ?? {})) environment.set(name, value);
  const ports = Object.fromEntries((edits.ports ?? []).map((port) => [`${port}/tcp`, {}]));
  const { Cmd, ...rest } = base;
  const command = edits.command ?? (edits.entrypoint ? undefined : Cmd);
  return {
    ...rest,
    ...(environment.size > 0 && { Env: [...environment].map(([name, value]) => `${name}=${value}`) }),
    ...(edits.entrypoint && { Entrypoint: edits.entrypoint }),
    ...(command && { Cmd: command }),
    ...(edits.workingDirectory && { WorkingDir: edits.workingDirectory }),
    ...(edits.user && { User: edits.user }),
    ...(edits.labels && { Labels: sorted({ ...base.Labels, ...edits.labels }) }),
    ...(edits.ports && { ExposedPorts: sorted({ ...base.ExposedPorts, ...ports }) }),
  };
}

function split(line: string): [string, string] {
  const at = line.indexOf('=');
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
