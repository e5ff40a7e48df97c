import type { Json, JsonObject } from '../expressions/values.ts';

/** A workflow file as written, after GitHub's own schema accepted it; expressions are still text. */
export type Workflow = {
  name?: string;
  'run-name'?: string;
  env?: JsonObject;
  defaults?: Defaults;
  permissions?: Json;
  concurrency?: Json;
  jobs: { [id: string]: JobShape };
};

export type Defaults = { run?: { shell?: string; 'working-directory'?: string } };

export type JobShape = {
  name?: string;
  needs?: string | string[];
  if?: Json;
  permissions?: Json;
  concurrency?: Json;
  environment?: Json;
  strategy?: Json;
  outputs?: JsonObject;
  env?: JsonObject;
  defaults?: Defaults;
  'timeout-minutes'?: Json;
  'cancel-timeout-minutes'?: Json;
  'continue-on-error'?: Json;
  steps?: StepShape[];
  uses?: string;
  with?: JsonObject;
  secrets?: 'inherit' | JsonObject;
};

export type StepShape = {
  id?: string;
  name?: string;
  if?: Json;
  run?: string;
  uses?: string;
  with?: JsonObject;
  env?: JsonObject;
  shell?: string;
  'working-directory'?: string;
  'continue-on-error'?: Json;
  'timeout-minutes'?: Json;
};

/** `on:` with every event as a map; filters as lists. */
export type Events = { [event: string]: EventFilter };

export type EventFilter = {
  branches?: string[];
  'branches-ignore'?: string[];
  tags?: string[];
  'tags-ignore'?: string[];
  paths?: string[];
  'paths-ignore'?: string[];
  types?: string[];
  /** Of `schedule`, the only event that is written as a list. */
  crons?: string[];
  inputs?: { [name: string]: InputShape };
  secrets?: { [name: string]: { required?: boolean } | null };
  outputs?: { [name: string]: { value: string } };
};

export type InputShape = { type?: string; required?: boolean; default?: Json; options?: string[] };

/** action.yml, reduced to what the runner needs. */
export type Action = {
  name?: string;
  inputs?: { [name: string]: { default?: Json; required?: boolean } | null };
  outputs?: { [name: string]: { value?: string } | null };
  runs: {
    using: string;
    main?: string;
    pre?: string;
    post?: string;
    'pre-if'?: Json;
    'post-if'?: Json;
    steps?: StepShape[];
  };
};
