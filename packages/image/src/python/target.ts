import type { ImageConfig } from '../config.ts';
import { ImageError } from '../errors.ts';
import type { Platform } from '../manifest.ts';

/** The Python that packages are installed for: the image's, not this machine's. */
export type PythonTarget = {
  /** `3.12` */
  version: string;
  /** `x86_64`, as Python's `platform.machine()` says it there. */
  machine: string;
  /** pip's names for it, newest first. */
  platforms: string[];
  /** The folder that `serve.py` looks in on such a machine: `cp312-linux_x86_64`. */
  folder: string;
};

const machines: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };
// glibc of the bases that are in use: Debian 12 has 2.36, Amazon Linux 2023 2.34, AWS's own images 2.31 or newer.
// Wheels for a glibc that is newer than 2.28 are not taken, so that they load on all of these.
const manylinux = ['2_28', '2_27', '2_26', '2_24', '2_17', '2_12', '2_5'];
const musllinux = ['1_2', '1_1'];

/**
 * Which Python an image has, from what its configuration says.
 * @param version overrides it, for images that do not say
 * @throws ImageError where it cannot be told
 */
export function pythonTarget(
  config: Pick<ImageConfig, 'config'>,
  { platform, named, version }: { platform: Platform; named: string; version?: string | undefined },
): PythonTarget {
  const said = config.config?.Env?.find((line) => line.startsWith('PYTHON_VERSION='))?.split('=')[1];
  // AWS's and Ray's images say it in their tags alone: `2.20.0-cpu-py312-amzn2023-sagemaker`.
  const [, tagged] = /:[\w.-]*?\bpy3(\d{1,2})\b/.exec(named) ?? [];
  const [, minor] = /^(3\.\d+)/.exec(version ?? said ?? (tagged ? `3.${tagged}` : '')) ?? [];
  if (minor === undefined) {
    throw new ImageError(
      `${named} does not say which Python it has (PYTHON_VERSION): give python-version, or dependencies: none if it has the packages`,
    );
  }
  if (Number(minor.slice(2)) < 9) {
    throw new ImageError(
      `${named} has Python ${minor}, and the model server needs 3.9 or newer: use a newer base`,
    );
  }
  const machine = machines[platform.architecture];
  if (!machine || platform.os !== 'linux') {
    throw new ImageError(
      `there are no wheels for ${platform.os}/${platform.architecture}: linux/amd64 and linux/arm64 have some`,
    );
  }
  const isMusl = /alpine/.test(named);
  const platforms = isMusl
    ? musllinux.map((libc) => `musllinux_${libc}_${machine}`)
    : [
        ...manylinux.map((libc) => `manylinux_${libc}_${machine}`),
        `manylinux2014_${machine}`,
        `manylinux2010_${machine}`,
        `manylinux1_${machine}`,
      ];
  return { version: minor, machine, platforms, folder: `cp${minor.replace('.', '')}-linux_${machine}` };
}
