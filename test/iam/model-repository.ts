import { names, roleArn, signingAlias, type Role } from './policies.ts';

/** A model that is trained in a moment: the height of a wave says whether the tide is high. Python's own library is all it needs. */
export function modelRepository(): Record<string, string> {
  return {
    'tidegate.yml': manifest,
    'request.json': '{"instances":[{"height":1}]}',
    'model/train.py': train,
    'model/evaluate.py': evaluate,
    'serving/inference.py': inference,
    '.github/workflows/model.yml': model,
    '.github/workflows/drift.yml': caller('schedule: [{ cron: "17 5 * * *" }]', 'watch-drift', 'ship'),
    '.github/workflows/roll-back.yml': caller('workflow_dispatch:', 'roll-back', 'ship'),
  };
}

/** Other code for the same model. */
export const anotherCoast = () => ({ 'model/train.py': `# The tides of another coast.\n${train}` });

const manifest = `
model: ${names.MODEL}
role: ${roleArn('sagemaker')}
train:
  image: scikit-learn:1.4
  source: model
  entry: train.py
  instance: ml.m5.xlarge
  data: { train: 's3://${names.DATA_BUCKET}/train/*.csv' }
evaluate:
  entry: evaluate.py
  data: s3://${names.DATA_BUCKET}/holdout.csv
  label: high
  metrics: { roc-auc: { at-least: 0.6, not-below-live-by: 0.3 } }
image: { base: 'python:3.12-slim', source: serving, entry: inference.py, signing-key: ${signingAlias} }
deploy:
  instance: ml.m5.large
  strategy: canary
  canary-percent: 50
  bake: 2m
  rollback-on: { error-rate: 2%, p95-latency: 5s, p99-latency: 9s, period: 1m }
  smoke: request.json
monitor:
  capture: 100%
  drift: { measure: psi, min-samples: 50 }
  on-drift: rollback-and-retrain
`;

const train = `
import csv, json, os
rows = []
for name in os.listdir(os.environ["SM_CHANNEL_TRAIN"]):
    with open(os.path.join(os.environ["SM_CHANNEL_TRAIN"], name)) as file:
        rows += list(csv.DictReader(file))
heights = [float(row["height"]) for row in rows]
with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w") as file:
    json.dump({"mean": sum(heights) / len(heights)}, file)
print(f"mean={sum(heights) / len(heights)}", flush=True)
with open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "baseline.csv"), "w") as file:
    file.write("height\\n" + "".join(f"{height}\\n" for height in heights))
`;

const evaluate = `
import csv, json, os
with open(os.path.join(os.environ["TIDEGATE_MODEL_DIR"], "model.json")) as file:
    mean = json.load(file)["mean"]
data = os.environ["TIDEGATE_DATA_DIR"]
[name] = os.listdir(data)
print(f"predicting {name}", flush=True)
with open(os.path.join(data, name)) as file, open(os.path.join(os.environ["TIDEGATE_OUTPUT_DIR"], "predictions.csv"), "w") as out:
    out.write("high,prediction\\n")
    for row in csv.DictReader(file):
        height = float(row["height"])
        out.write(f'{row["high"]},{height / (height + mean)}\\n')
`;

const inference = `
import json, os
def model_fn(model_dir):
    with open(os.path.join(model_dir, "model.json")) as file:
        return json.load(file)["mean"]
def input_fn(body, content_type):
    return json.loads(body)["instances"]
def predict_fn(instances, mean):
    return [each["height"] / (each["height"] + mean) for each in instances]
def output_fn(predictions, accept):
    return json.dumps({"predictions": predictions})
`;

const uses = (workflow: string, role: Role, permissions: string) => `
    uses: tidegate/tidegate/.github/workflows/${workflow}.yml@v1
    permissions: { contents: read, id-token: write, ${permissions} }
    with: { aws-region: ${names.REGION}, role-to-assume: '${roleArn(role)}' }`;

const model = `
on:
  push: { branches: [main] }
  pull_request:
permissions: {}
jobs:
  gate:
    if: github.event_name == 'pull_request'${uses('pull-request-gate', 'gate', 'pull-requests: write, checks: write')}
  ship:
    if: github.event_name == 'push'${uses('commit-to-production', 'ship', 'deployments: write')}
`;

function caller(event: string, workflow: string, role: Role): string {
  return `
on:
  ${event}
permissions: {}
jobs:
  call:${uses(workflow, role, 'deployments: write')}
`;
}
