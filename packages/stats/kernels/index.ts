export { addMoments, keepFinite, negativeInfinities, positiveInfinities } from './moments';
export {
  countIndices,
  countIntegers,
  countPrefixes,
  longsToDoubles,
  negativeZeros,
  takeCounts,
} from './counts';
export { addDistinct } from './hash';
export { countHashes, countTexts, findTexts, frequentTexts, textsEnd } from './texts';
export { readHybrid } from './hybrid';
export { unlz4 } from './lz4';
export { unsnappy } from './snappy';
export { isOdd, readRecords, recordsRead } from './csv';
export { countKinds } from './kinds';
export { droppedBits, sortedRuns } from './sort';
export { linesRead, readLines } from './lines';
