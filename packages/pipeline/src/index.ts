export { artifactsUri } from './artifacts.ts';
export { formatUsd, jobCostUsd, monthlyCostUsd, pricesAsOf } from './cost.ts';
export { stopTraining, train, type OnStart, type TrainResult, type TrainSettings } from './train.ts';
export type { Log, Provenance, Surroundings } from './surroundings.ts';
