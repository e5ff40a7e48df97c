import type { TrainingJob } from '@tidegate/aws';

export type TrainRun = { job: TrainingJob; reused: boolean; joined: boolean };
