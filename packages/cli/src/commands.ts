/** A command's module: takes what follows its name, resolves with the exit code. */
export type CommandModule = { readonly main: (args: readonly string[]) => Promise<number> };

export type Command = {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  readonly load: () => Promise<CommandModule>;
};

const placesHelp = `Places are files, folders, patterns (in quotes too), s3://bucket/prefix and - for standard input. Data are CSV, JSON Lines,
Parquet or SageMaker captures, gzipped or not; a .profile.gz or a statistics.json stands for the data it was made of.
S3 is read with the SDK's own credentials, region and AWS_ENDPOINT_URL; of Parquet only what is needed.`;

const dataHelp = `  --columns A,B               only these
  --format F                  csv, jsonl, parquet, capture, profile or statistics, where name and content do not tell it
  --schema FILE               types by column, {"zip": "text"} (integer, fractional, text, boolean, ignore), or a constraints.json`;

export const commands: readonly Command[] = [
  {
    name: 'demo',
    summary: 'four commits of a real model through the real workflows, with traffic, in about a minute',
    load: () => import('./commands/demo.ts'),
    help: `Usage: tidegate demo [--json FILE] [--report FILE] [--clock-speed N] [--kill-during-canary] [--keep]

Starts a local AWS and a local GitHub, takes four commits of workflows-examples/flight-delay through the
reusable workflows while real HTTP traffic runs, lets months go by, and prints what became of each.

  --json FILE           the same facts for a program
  --report FILE         the HTML report (.tidegate/demo/report.html)
  --clock-speed N       how many seconds of AWS's time pass in one of ours (30)
  --kill-during-canary  kill -9 the local AWS in the middle of a canary, and start it again
  --keep                leave both servers running afterwards, and print what to export

Exit code 1 when a verdict is not the expected one, or a request was lost.

Examples:
  npm run demo
  npm run demo -- --json demo.json --kill-during-canary`,
  },
  {
    name: 'init',
    summary: 'a manifest and workflows for this model repository',
    load: () => import('./commands/init.ts'),
    help: `Usage: tidegate init [FOLDER] [--model NAME] [--force]

Writes tidegate.yml and .github/workflows/*.yml into a model repository, with what is found there filled in
and what is not marked for you to fill. Files that exist are left alone unless --force is given.

Examples:
  tidegate init
  tidegate init ../churn --model churn`,
  },
  {
    name: 'validate',
    summary: 'check the manifest and the workflows, with line and column',
    load: () => import('./commands/validate.ts'),
    help: `Usage: tidegate validate [FOLDER]

Checks tidegate.yml and every workflow below .github/workflows. Nothing is run and nothing is called.
Exit code 1 when there is a problem.

Examples:
  tidegate validate
  tidegate validate workflows-examples/flight-delay`,
  },
  {
    name: 'run',
    summary: 'run a workflow of a repository on this machine',
    load: () => import('./commands/run.ts'),
    help: `Usage: tidegate run [WORKFLOW] [--repository FOLDER] [--event NAME] [--input KEY=VALUE]… [--secret KEY=VALUE]…
                    [--data S3-URI=PATH]… [--clock-speed N]

Runs the workflows that an event starts (push when none is named), or one workflow file, at the repository's
HEAD, against a local AWS and a local GitHub whose state is kept in <repository>/.tidegate.
With AWS_ENDPOINT_URL set, that AWS is used instead of starting one. --data uploads a file or folder first.

Exit code 1 when a run does not succeed.

Examples:
  tidegate run --data s3://churn-data/train=data/train --data s3://churn-data/holdout=data/holdout
  tidegate run --event pull_request
  tidegate run roll-back.yml --input to=previous`,
  },
  {
    name: 'dev',
    summary: 'leave a local AWS and a local GitHub running, and print what to export',
    load: () => import('./commands/dev.ts'),
    help: `Usage: tidegate dev [--repository FOLDER] [--port N] [--github-port N] [--clock-speed N] [--directory DIR]

Starts both servers on 127.0.0.1 and leaves them running until Ctrl-C. Their state is kept in DIR
(.tidegate/dev), so that stopping and starting again changes nothing.

Examples:
  tidegate dev
  eval "$(tidegate dev --port 4566 | grep ^export)"`,
  },
  {
    name: 'report',
    summary: 'one self-contained HTML file from a demo’s or a run’s facts',
    load: () => import('./commands/report.ts'),
    help: `Usage: tidegate report FACTS.json [--output FILE]

Writes the HTML report of facts that \`tidegate demo --json\` wrote. It needs no network, prints, and can be
read by a screen reader.

Examples:
  tidegate report demo.json --output report.html`,
  },
  {
    name: 'drift',
    summary: 'compare two data sets, feature by feature',
    load: () => import('./commands/drift.ts'),
    help: `Usage: tidegate drift BASELINE CURRENT… [options]

Compares data with a baseline, feature by feature, and with labels also the model's metrics with its evaluation.
${placesHelp}

  --measure M                 psi, ks, jensen-shannon, wasserstein, chi-squared or total-variation (psi)
  --warn X, --fail X          from which value on a feature is a warning, a failure (the measure's customary ones)
  --min-samples N             fewer values decide nothing (1000)
  --false-discovery-rate X    the expected share of false alarms among all (0.05)
  --windows "2 of 3"          each CURRENT is a window of time, the newest last: fail when so many of the last have
  --season S                  hour, weekday or hour-of-week: of BASELINE only what its names date to CURRENT's own season
  --labels PLACE              what turned out to be true: ground-truth lines, or rows with an id and a label
  --evaluation FILE           predictions with labels, or metrics as .json, to compare with once labels are given
  --id, --label, --prediction COLUMN   where answers, labels or the evaluation are rows (eventId, label, prediction)
  --label-delay SECONDS       how long labels may take before they are missing
${dataHelp}
  --threads N                 how many files, or parts of them, are read at once (the cores)
  --output FILE.html          the distributions drawn over each other, in one file
  --json                      the whole report for a program

Exit code 0 when there is no drift or only a warning, 1 on drift, when too little is there to decide, or when data cannot
be read, 2 for a wrong command line, 130 after Ctrl-C.

Examples:
  tidegate drift train.csv june.parquet
  tidegate drift baseline.csv captures/ --schema constraints.json --output drift.html
  tidegate drift train.profile.gz 's3://acme-capture/churn/AllTraffic/2027/06/03/**.jsonl' --measure ks
  tidegate drift train.csv mon.jsonl tue.jsonl wed.jsonl --windows "2 of 3"
  tidegate drift 'days/*.profile.gz' days/2027-06-03.profile.gz --season weekday
  tidegate drift train.csv captures/ --labels ground-truth/ --evaluation predictions.csv
  zcat today.csv.gz | tidegate drift train.csv - --json`,
  },
  {
    name: 'evaluate',
    summary: 'metrics of predictions with their intervals, alone or beside another model’s',
    load: () => import('./commands/evaluate.ts'),
    help: `Usage: tidegate evaluate PREDICTIONS… [options]

Computes metrics from labels and predictions, each with its confidence interval; with --baseline also the paired
difference to another model's predictions of the same rows. One JSON, CSV or Parquet row is one prediction.
${placesHelp}

  --metric NAME               may be given several times (roc-auc, log-loss, accuracy and brier; of numbers mae, rmse, r2, bias)
  --baseline PLACE            another model's predictions
  --slice COLUMN              metrics of each of its values too; may be given several times
  --label, --prediction, --weight COLUMN   (label, prediction, none)
  --threshold X               a prediction at or above is the decision 1 (0.5)
  --confidence X              of intervals (0.95)
  --resamples N               of a bootstrap (1000)
  --min-samples N             smaller slices are left out (1)
  --format F, --schema FILE   as for tidegate drift
  --output FILE.html          metrics, slices, ROC curve and calibration, in one file
  --json                      the whole evaluation for a program

Exit code 0 when it was computed, 1 when the data cannot be used, 2 for a wrong command line, 130 after Ctrl-C.

Examples:
  tidegate evaluate predictions.csv --label delayed
  tidegate evaluate candidate.csv --baseline live.csv --metric roc-auc --metric log-loss
  tidegate evaluate 's3://acme/eval/*.parquet' --slice origin --min-samples 500 --output evaluation.html`,
  },
  {
    name: 'profile',
    summary: 'what is known of data as a small file, to compare with or to merge later',
    load: () => import('./commands/profile.ts'),
    help: `Usage: tidegate profile DATA… [--output FILE.profile.gz | --output FILE.json] [options]

Profiles data: counts, types, missing values, moments, quantiles, histograms and categories, in constant size. Profiles
of days or of workers are merged by profiling them together, with the same result as all their rows at once.
${placesHelp}

  --output FILE.profile.gz    the profile, for tidegate drift or to be merged
  --output FILE.json          a statistics.json as SageMaker Model Monitor has it
${dataHelp}
  --threads N                 how many files, or parts of them, are read at once (the cores)
  --json                      the statistics.json on standard output

Exit code 0 when it was made, 1 when the data cannot be read, 2 for a wrong command line, 130 after Ctrl-C.

Examples:
  tidegate profile train.parquet --output train.profile.gz
  tidegate profile captures/2027/06/03/ --output days/2027-06-03.profile.gz
  tidegate profile days/2027-06-*.profile.gz --output june.profile.gz`,
  },
];

export function findCommand(name: string): Command | undefined {
  return commands.find((each) => each.name === name);
}
