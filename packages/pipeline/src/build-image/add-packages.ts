import { formatReference, packagesLayer, pythonTarget, serverRequirements } from '@tidegate/image';
import type {
  BaseImage,
  ModelServer,
  PackagesLayer,
  PackagesListeners,
  PythonTarget,
  Registry,
  Signer,
} from '@tidegate/image';
import type { Surroundings } from '../surroundings.ts';
import type { Source } from './read-source.ts';
import type { BuildImageSettings } from './settings.ts';

/** The layer of Python packages for the base's Python; undefined where the image gets none from us. */
export async function addPackages(
  settings: Pick<BuildImageSettings, 'dependencies' | 'pythonVersion' | 'source'>,
  server: ModelServer,
  { requirements }: Pick<Source, 'requirements'>,
  base: BaseImage,
  { signer, ...to }: { registry: Registry; repository: string; signer: Signer | undefined },
  { log, signal, ...listeners }: Pick<Surroundings, 'log' | 'signal'> & PackagesListeners,
): Promise<{ layer: PackagesLayer; target: PythonTarget } | undefined> {
  const added = serverRequirements(server, requirements);
  if (settings.dependencies === 'none' || added.length + requirements.lines.length === 0) return undefined;
  const { config } = await base.image();
  const named = formatReference(base.reference);
  if (config.config?.Labels?.['ai.tidegate.made-up'] === 'true') {
    log.info(
      `The local registry's ${named} has no Python of its own: packages are installed where the image runs.`,
    );
    return undefined;
  }
  const target = pythonTarget(config, { platform: base.platform, named, version: settings.pythonVersion });
  const install = {
    requirements,
    added,
    target,
    folder: settings.source,
    signal,
    onLine: (line: string) => log.untrusted([line]),
  };
  const title = `Packages for Python ${target.version} on ${base.platform.architecture}`;
  return log.group(title, async () => {
    const layer = await packagesLayer(to, install, { ...listeners, signer });
    log.info(
      layer.sentBytes === 0
        ? `Reused the layer of an earlier build: ${layer.packages.length} packages.`
        : `Installed ${layer.packages.length} packages: ${(layer.sentBytes / 1e6).toFixed(1)} MB sent.`,
    );
    return { layer, target };
  });
}
