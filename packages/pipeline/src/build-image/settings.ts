import type { Platform } from '@tidegate/image';
import type { Server } from '../manifest/servers.ts';
import type { Provenance } from '../surroundings.ts';

/** What an inference image is made of. */
export type BuildImageSettings = {
  /** An ECR repository's name in our account and region, or a whole name with its registry. */
  repository: string;
  /** Whether to make the repository where it does not exist. */
  createRepository: boolean;
  /** Who serves; not with a Dockerfile. `none`: the base's own server, beside which only the code is laid down. */
  server: Server;
  /** The image to build on, e.g. `python:3.12-slim`. A tag is pinned to its digest in `lockFile`. Not with a Dockerfile. */
  base: string | undefined;
  /** A repository in the image's registry that keeps a copy of the base, or the image's own. Not with a builder. */
  mirrorBase: string | undefined;
  /** The folder with the code; all of it goes into the image, less what `.dockerignore` names. */
  source: string;
  /** What is served, within `source`: a script, or `module:app` for Ray Serve. Not with a Dockerfile, which says what is run. */
  entry: string | undefined;
  /** Within `source`: the image is what it says, without our server and without packages of ours. */
  dockerfile: string | undefined;
  /** `auto` takes a builder only for a Dockerfile that does more than copy files and configure. */
  engine: 'auto' | 'append' | 'docker' | 'buildah';
  /** A requirements file within `source`. */
  requirements: string | undefined;
  /** `layer`: packages are installed for the base's Python and added; `none`: the base has them. */
  dependencies: 'layer' | 'none';
  /** `3.12`, for bases that do not say which Python they have. */
  pythonVersion: string | undefined;
  /** Tags to give in addition to the one that is made of the image's content. */
  tags: readonly string[];
  /** Take the image that the first of `tags` names already, whatever would be built; otherwise the tag is moved. */
  skipIfExists: boolean;
  environment: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  maxImageSizeGb: number;
  platform: Platform;
  /** Where it will be served, for the limits of that. */
  target: 'sagemaker' | 'lambda' | 'ecs' | 'eks' | 'batch' | undefined;
  /** The machine that it will run on, such as `ml.g5.xlarge`, or `serverless`: an image that cannot is not built. */
  instanceType: string | undefined;
  /** Attach an SBOM and a statement of provenance to the image; undefined for neither. */
  attest: Provenance | undefined;
  /** The KMS key that signs both: its id, its ARN or an alias. Without one they are attached unsigned. */
  signingKey: string | undefined;
  /** Where bases are pinned: `tidegate.lock` beside the manifest. */
  lockFile: string;
};

export type BuildImageResult = {
  /** By digest: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>`. */
  imageUri: string;
  digest: string;
  /** As the registry counts: layers as they are sent. */
  sizeBytes: number;
  pushedBytes: number;
  /** True where the registry had the very same image already. */
  reused: boolean;
  /** What the base was pinned to; empty where an image was taken as it is, or a builder chose it. */
  baseDigest: string;
  /** CycloneDX; undefined where none was made. */
  sbom: object | undefined;
  /** The statement of provenance beside the image, by digest; empty where none was made. */
  attestationUri: string;
  /** The key that signed what is attached, as it was named; empty where it is unsigned. */
  signedBy: string;
  consoleUrl: string;
};
