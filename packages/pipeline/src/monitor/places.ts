import { joinS3Uri } from '@tidegate/aws';

/** Where monitoring keeps what, below the model's folder. */
export function monitorPlaces(artifactsUri: string) {
  const root = joinS3Uri(artifactsUri, 'monitor');
  return {
    /** A profile of data, by the content that it describes. */
    profile: (name: string) => joinS3Uri(root, 'profiles', `${name}.profile.gz`),
    /** What several machines have made of their shares: the one folder that an analysis writes into. */
    parts: (name: string) => joinS3Uri(root, 'parts', name),
    /** The analyser as the code of a Lambda function. */
    functionCode: joinS3Uri(root, 'analyser-function'),
    /** Statistics and constraints of a baseline. */
    baseline: (name: string) => joinS3Uri(root, 'baselines', name),
    /** Which baseline belongs to which live version. */
    binding: (endpoint: string, configName: string) =>
      joinS3Uri(root, endpoint, 'baseline-of', `${configName}.json`),
    /** What one comparison wrote. */
    check: (endpoint: string, name: string) => joinS3Uri(root, endpoint, 'checks', name),
    /** The verdicts of a version's windows, in the order of their ends. */
    history: (endpoint: string, configName: string) => joinS3Uri(root, endpoint, 'windows', configName),
  };
}

/** What a version was trained on, as far as drift is concerned. */
export type BaselineBinding = {
  endpointConfig: string;
  baselineUri: string;
  profileUri: string;
  statisticsUri: string;
  constraintsUri: string;
  /** Of the engine that runs jobs; undefined where another one made the baseline. */
  analyserImage: string | undefined;
};
