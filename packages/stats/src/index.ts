export { UserError } from './user-error.ts';
export type { Place } from './user-error.ts';
export { categoriesOf, columnOf, numberColumn, numbersOf, tableOf, textColumn } from './table.ts';
export type { Column, Table } from './table.ts';
export { readTable, scan } from './read/scan.ts';
export { readCsvTable } from './read/csv.ts';
export { joinTables } from './read/join.ts';
export type { ReadOptions } from './read/scan.ts';
export { FORMATS } from './read/format.ts';
export type { Format } from './read/format.ts';
export { newProgress, progressOf } from './read/progress.ts';
export type { Progress } from './read/progress.ts';
export { GIVEN_TYPES, schemaFrom } from './read/schema.ts';
export type { GivenType, Schema } from './read/schema.ts';
export { nameOf } from './read/source.ts';
export type { RangeSource, Source } from './read/source.ts';
export { readTarMember } from './read/tar.ts';
export {
  addProfile,
  addTable,
  inferredType,
  isNumeric,
  mergeProfiles,
  missingIn,
  newProfile,
  presentIn,
  profile,
} from './profile/profile.ts';
export type { ColumnProfile, InferredType, Profile, ProfileOptions } from './profile/profile.ts';
export { namesIn, profileFiles, profileSource, profileSources } from './profile/profile-files.ts';
export { featureNames, profileLike } from './profile/profile-like.ts';
export type { ProfileFilesOptions } from './profile/profile-files.ts';
export { PROFILE_VERSION, readProfile, writeProfile } from './profile/file-format.ts';
export { profileQuery } from './sql/profile-query.ts';
export type { ProfileQueryOptions } from './sql/profile-query.ts';
export { profileOfRows } from './sql/profile-of-rows.ts';
export type { ResultRow } from './sql/profile-of-rows.ts';
export { sqlColumn } from './sql/columns.ts';
export type { Form, SqlColumn } from './sql/columns.ts';
export { captureRows } from './sql/capture-rows.ts';
export { captureHours, captureTable } from './sql/capture-table.ts';
export { baselineFiles, dataAmong, filesIn } from './analysis-files.ts';
export { analyseBaseline, analyseDrift, analyseShare, readSchema } from './analyse.ts';
export { analysePerformance } from './analyse-performance.ts';
export type { PerformanceAnalysis, PerformancePaths } from './analyse-performance.ts';
export { readEvaluation } from './performance/evaluation-baseline.ts';
export { labelJoin } from './performance/join-labels.ts';
export type { Joined, LabelCounts } from './performance/join-labels.ts';
export { performanceDrift } from './performance/performance.ts';
export type { EvaluationBaseline, PerformanceSettings } from './performance/performance.ts';
export type { MetricDrift, PerformanceReport, PerformanceVerdict } from './performance/performance-report.ts';
export { readJoined } from './performance/read-joined.ts';
export type { JoinOptions } from './performance/read-joined.ts';
export { metricsFromQuality, modelQualityStatistics } from './monitor-files/model-quality.ts';
export type { AnalysisPaths } from './analyse.ts';
export { baselineResults, driftResults } from './results.ts';
export type { Results } from './results.ts';
export { drift } from './drift/drift.ts';
export type {
  DriftReport,
  DriftVerdict,
  FeatureDrift,
  OneSided,
  RangeViolation,
} from './drift/drift-report.ts';
export type { Histogram } from './drift/evidence.ts';
export { MEASURES } from './drift/settings.ts';
export type { DriftSettings, Measure } from './drift/settings.ts';
export { adjustForDiscovery } from './drift/false-discovery.ts';
export { suggestConstraints } from './monitor-files/constraints.ts';
export type { Constraints } from './monitor-files/constraints.ts';
export { profileFromStatistics, profileToStatistics } from './monitor-files/statistics.ts';
export type { Statistics } from './monitor-files/statistics.ts';
export { checkConstraints } from './monitor-files/violations.ts';
export type { Violation, Violations } from './monitor-files/violations.ts';
export { METRIC_NAMES, evaluateMetrics } from './metrics/metrics.ts';
export type { MetricName, MetricOptions, MetricValue } from './metrics/metrics.ts';
export { estimateMetrics } from './intervals/estimate.ts';
export type { Estimate, EstimateOptions } from './intervals/estimate.ts';
export type { Interval } from './intervals/interval.ts';
export type { Scored } from './metrics/scored.ts';
export { bySlice, rowsAt, rowsBySlice } from './metrics/slices.ts';
export type { Slice } from './metrics/slices.ts';
export { compare } from './compare/compare.ts';
export type { CompareOptions, Comparison, Paired } from './compare/compare.ts';
export { compareMetric } from './compare/compare-metric.ts';
export { compareAuc } from './compare/delong.ts';
export { mcnemar } from './compare/mcnemar.ts';
export { notWorse } from './compare/not-worse.ts';
export { permutationTest } from './compare/permutation.ts';
export { rowsForAuc, rowsForPairedMeans, rowsForRates } from './compare/sample-size.ts';
export type { Curves } from './evaluation/curves.ts';
export { evaluatePredictions } from './evaluation/evaluation.ts';
export type {
  EvaluatedMetric,
  EvaluatedSlice,
  Evaluation,
  EvaluationOptions,
} from './evaluation/evaluation.ts';
export { evaluateForecast, evaluateQuantiles } from './metrics/forecasting.ts';
export { evaluateMulticlass } from './metrics/multiclass.ts';
export { evaluateMultilabel } from './metrics/multilabel.ts';
export { evaluateRanking } from './metrics/ranking.ts';
export { seasonalBaseline, seasonOf } from './drift/season.ts';
export type { Season } from './drift/season.ts';
export { verdictOverWindows } from './drift/windows.ts';
export { bucketsOf, quantileBucket } from './profile/buckets.ts';
export type { Buckets } from './profile/buckets.ts';
export { evaluationReportHtml } from './report/evaluation-html.ts';
export { driftReportHtml } from './report/html.ts';
export { profileSummary } from './report/profile-summary.ts';
export type { ColumnSummary } from './report/profile-summary.ts';
export { driftSummary, driftTable, performanceSummary } from './report/text.ts';
export { combineEvidence } from './sequential/evidence.ts';
export type { Decision, Evidence } from './sequential/evidence.ts';
export { errorRateEvidence, errorRateTest } from './sequential/error-rate.ts';
export type { ErrorRateSettings, RequestCounts } from './sequential/error-rate.ts';
export { canaryEvidence } from './sequential/canary.ts';
export type { CanarySettings, ErrorCounts } from './sequential/canary.ts';
export { blockTest } from './sequential/blocks.ts';
export type { BlockTest } from './sequential/blocks.ts';
export { meanSequence, quantileInterval, quantileRanks } from './sequential/confidence-sequence.ts';
export type { AnytimeInterval, MeanSequence } from './sequential/confidence-sequence.ts';
export { planErrorRate } from './sequential/plan.ts';
export type { PlanOptions, RequestPlan } from './sequential/plan.ts';
