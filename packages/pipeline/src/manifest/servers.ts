/** Who serves the model: `image.server`, and the input of the same name. */
export const servers = ['tidegate', 'tensorflow-serving', 'triton', 'vllm', 'ray-serve', 'none'] as const;

export type Server = (typeof servers)[number];

/** What to say to those who ask for a server that nobody keeps any more; completes `"torchserve" …`. */
export const retiredServers: Readonly<Record<string, string>> = {
  torchserve:
    'is archived, and AWS’s PyTorch inference images ended with 2.6: use tidegate, which serves the same handlers (model_fn, input_fn, predict_fn, output_fn), or ray-serve, with which AWS replaced it',
};

type Entry = { is: 'needed' | 'possible' | 'refused'; what: string; pattern: RegExp };

const script = /^[^:]+$/;

const known: Readonly<Record<Server, { entry: Entry; base: string }>> = {
  tidegate: {
    entry: {
      is: 'needed',
      what: 'a script with model_fn, input_fn, predict_fn and output_fn',
      pattern: script,
    },
    base: 'python:3.12-slim',
  },
  'tensorflow-serving': {
    entry: { is: 'possible', what: 'a script with input_handler and output_handler', pattern: script },
    base: 'public.ecr.aws/deep-learning-containers/tensorflow-inference:2.20.0-cpu-py312-amzn2023-sagemaker',
  },
  triton: {
    entry: {
      is: 'refused',
      what: 'its models, in Python too, are folders of the source or of the model package (<model>/config.pbtxt)',
      pattern: script,
    },
    base: 'nvcr.io/nvidia/tritonserver:26.05-py3',
  },
  vllm: {
    entry: {
      is: 'refused',
      what: 'it serves the model package, or the model that SM_VLLM_MODEL names in the environment',
      pattern: script,
    },
    base: 'vllm/vllm-openai:v0.23.0',
  },
  'ray-serve': {
    entry: {
      is: 'needed',
      what: 'an application (module:app), or a configuration of several (.yaml)',
      pattern: /^[\w.]+:[\w.]+$|\.ya?ml$/,
    },
    base: 'public.ecr.aws/deep-learning-containers/ray:serve-ml-sagemaker-cpu',
  },
  none: {
    entry: { is: 'possible', what: 'a script that the base’s own server runs', pattern: script },
    base: 'an image that answers /ping and /invocations',
  },
};

/** An image that a server can be built on. */
export const exampleBase = (server: Server): string => known[server].base;

type ServedBy = {
  server: Server;
  base: string | undefined;
  entry: string | undefined;
  requirements: string | undefined;
};

/** What does not go with a server, all of it, as a setting and what completes its name to a sentence. */
export function serverProblems({ server, base, entry, requirements }: ServedBy): [keyof ServedBy, string][] {
  const { is, what, pattern } = known[server].entry;
  const problems: [keyof ServedBy, string][] = [];
  if (base === undefined)
    problems.push(['base', `is missing: for server ${server}, start from ${exampleBase(server)}`]);
  if (entry === undefined && is === 'needed')
    problems.push(['entry', `is missing: server ${server} serves ${what}, within the source`]);
  if (entry !== undefined && is === 'refused')
    problems.push(['entry', `is not for server ${server}: ${what}`]);
  if (entry !== undefined && is !== 'refused' && !pattern.test(entry))
    problems.push(['entry', `"${entry}" is not what server ${server} serves: ${what}`]);
  if (server === 'none' && requirements !== undefined) {
    const sentence =
      'is not for server none: the base’s own server does not look where Tidegate puts packages. Put them into the base, or build with a Dockerfile';
    problems.push(['requirements', sentence]);
  }
  return problems;
}
