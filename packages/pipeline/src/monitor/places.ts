import { joinS3Uri } from '@tidegate/aws';

/** Where the monitoring of one endpoint keeps what, below the model's folder. */
export function monitorPlaces(artifactsUri: string, endpoint: string) {
  const root = joinS3Uri(artifactsUri, 'monitor');
  return {
    /** Statistics and constraints, by the content that they describe. */
    baseline: (name: string) => joinS3Uri(root, 'baselines', name),
    /** Which baseline belongs to which live version. */
    binding: (configName: string) => joinS3Uri(root, endpoint, 'baseline-of', `${configName}.json`),
    /** What one comparison wrote. */
    check: (name: string) => joinS3Uri(root, endpoint, 'checks', name),
    /** The verdicts of a version's windows, in the order of their ends. */
    history: (configName: string) => joinS3Uri(root, endpoint, 'windows', configName),
  };
}

/** What a version was trained on, as far as drift is concerned. */
export type BaselineBinding = {
  endpointConfig: string;
  baselineUri: string;
  statisticsUri: string;
  constraintsUri: string;
  analyserImage: string;
};
