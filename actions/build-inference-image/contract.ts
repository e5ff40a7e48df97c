import {
  choice,
  defineAction,
  flag,
  kind,
  list,
  map,
  name,
  NotUnderstood,
  number,
  pattern,
  text,
} from '@tidegate/github';
import { retiredServers, serverProblems, servers } from '@tidegate/pipeline';
import { signingKey } from '../attestation-inputs.ts';

const platform = kind('a platform (linux/amd64, linux/arm64)', (value) => {
  const [, os, architecture, variant] = /^([a-z]+)\/([a-z0-9]+)(?:\/([a-z0-9]+))?$/.exec(value) ?? [];
  if (!os || !architecture) throw new NotUnderstood();
  return { os, architecture, ...(variant && { variant }) };
});

const instanceType = pattern(
  'an instance type (ml.g5.xlarge, g5.xlarge) or serverless',
  /^((ml\.)?[a-z0-9-]+\.[a-z0-9-]+|serverless)$/,
);

const repositoryName = pattern(
  'a repository’s name, without its registry and without a tag',
  /^(?!\d{12}\.dkr\.)[a-z0-9]+([._/-]+[a-z0-9]+)*$/,
);

const pythonVersion = pattern('a Python version (3.12)', /^3\.\d+$/);

const server = kind(`one of ${servers.join(', ')}`, (value) => {
  const found = servers.find((each) => each === value);
  if (found === undefined) throw new NotUnderstood(retiredServers[value]);
  return found;
});

export const contract = defineAction({
  name: 'build-inference-image',
  description:
    'Builds the image that serves a model, in the registry: code, packages and a model server on a base that is not pulled.',
  inputs: {
    model: name({ description: 'The model’s name.', manifest: 'model' }),
    repository: text({
      description: 'The ECR repository, or a whole name with its registry; otherwise the model’s name.',
      manifest: 'image.repository',
    }),
    'create-repository': flag({
      description:
        'Make the ECR repository where it does not exist (ecr:CreateRepository), with immutable tags.',
      default: 'false',
    }),
    server: server({
      description:
        'Who serves: Tidegate’s own server; tensorflow-serving, triton, vllm or ray-serve, which the base brings and Tidegate starts under SageMaker’s contract; or `none`, whatever the base starts by itself, beside which only the code is laid down. [docs/servers.md](../../docs/servers.md) has an example of each.',
      default: 'tidegate',
      manifest: 'image.server',
    }),
    'base-image': text({
      description:
        'The image to build on; required where there is no Dockerfile. A tag is pinned to its digest in tidegate.lock at the first build.',
      manifest: 'image.base',
    }),
    'mirror-base': repositoryName({
      description:
        'A repository in the image’s registry, or the image’s own, that keeps one copy of the base: later builds find or mount its layers there and ask nothing of the base’s own registry.',
      manifest: 'image.mirror-base',
    }),
    source: text({
      description:
        'The folder with the code, all of it, less what `.dockerignore` names; models for triton, tensorflow-serving and vllm may lie in it.',
      default: '.',
      manifest: 'image.source',
    }),
    entry: text({
      description:
        'What is served, within the source. tidegate: the script with model_fn, input_fn, predict_fn and output_fn (required). ray-serve: an application, `module:app`, or a .yaml of several (required). tensorflow-serving: a script with input_handler and output_handler. none: a script for the base’s server. Not for triton and vllm, and not with a Dockerfile.',
      manifest: 'image.entry',
    }),
    dockerfile: text({
      description:
        'A Dockerfile within the source: the image is what it says, without our server and packages.',
    }),
    engine: choice(['auto', 'append', 'docker', 'buildah'], {
      description:
        '`auto` appends where there is no Dockerfile, or one that only copies files and configures, and takes docker or buildah for one that does more.',
      default: 'auto',
    }),
    requirements: text({
      description: 'The list of Python packages, within the source. Not for none.',
      manifest: 'image.requirements',
    }),
    dependencies: choice(['layer', 'none'], {
      description:
        'Whether the packages become a layer, or are in the base already, with uvicorn where tidegate or tensorflow-serving serve.',
      default: 'layer',
      manifest: 'image.dependencies',
    }),
    'python-version': pythonVersion({
      description:
        'Of the base, such as 3.12; needed only for packages, where neither the base (PYTHON_VERSION) nor its tag (py312) says.',
      manifest: 'image.python-version',
    }),
    tags: list({ description: 'Tags in addition to the one made of the image’s content.' }),
    'skip-if-exists': flag({
      description:
        'Take the image that the first of the tags names already, whatever would be built. Otherwise a tag that names another image is moved to the new one, and where tags are immutable the build fails.',
      default: 'false',
    }),
    environment: map({ description: 'Set for the server.', manifest: 'image.environment' }),
    labels: map({ description: 'Labels of the image.' }),
    'max-image-size-gb': number({
      description: 'A larger image is refused before it is pushed.',
      default: '10',
      manifest: 'image.max-image-size-gb',
    }),
    attest: flag({
      description: 'Attach an SBOM (CycloneDX) and a statement of provenance (in-toto, SLSA) to the image.',
      default: 'true',
    }),
    'signing-key': signingKey,
    platform: platform({
      description: 'The machines it will run on: Graviton instances are linux/arm64.',
      default: 'linux/amd64',
      manifest: 'image.platform',
    }),
    target: choice(['sagemaker', 'lambda', 'ecs', 'eks', 'batch'], {
      description:
        'Where it will be served: an image that is too large for that is refused before it is pushed.',
      manifest: 'deploy.target',
    }),
    'instance-type': instanceType({
      description:
        'The machine it will run on, or `serverless`: an image whose platform or CUDA cannot work there is refused before it is pushed.',
      manifest: 'deploy.instance',
    }),
  },
  outputs: {
    'image-uri': 'The image, by digest.',
    digest: 'Its digest.',
    'base-digest': 'The digest that the base was pinned to.',
    'size-bytes': 'Its size, as the registry counts: layers as they are sent.',
    'pushed-bytes': 'What had to be sent.',
    'sbom-path': 'The bill of materials (CycloneDX) on the runner.',
    'attestation-uri': 'The statement of provenance beside the image, by digest.',
  },
  check: ({
    repository,
    model,
    dockerfile,
    server,
    baseImage,
    entry,
    requirements,
    engine,
    mirrorBase,
    skipIfExists,
    tags,
    attest,
    signingKey: key,
  }) => [
    ...(repository === undefined && model === undefined
      ? [['repository', 'is missing, and so is model, whose name would stand in for it'] as const]
      : []),
    ...(dockerfile === undefined
      ? serverProblems({ server, base: baseImage, entry, requirements }).map(
          ([setting, sentence]) => [setting === 'base' ? 'base-image' : setting, sentence] as const,
        )
      : []),
    ...(dockerfile !== undefined && server !== 'tidegate'
      ? [['server', `${server} is for images without a dockerfile, which says itself what serves`] as const]
      : []),
    ...(mirrorBase !== undefined && (engine === 'docker' || engine === 'buildah')
      ? [['mirror-base', `is for images that are appended: ${engine} reads its bases itself`] as const]
      : []),
    ...(skipIfExists && !tags?.length
      ? [['skip-if-exists', 'needs tags: it asks whether the first of them names an image'] as const]
      : []),
    ...(!attest && key !== undefined
      ? [['signing-key', 'signs what attest attaches, and attest is false'] as const]
      : []),
  ],
});
