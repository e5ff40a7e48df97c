/** What a main loads only where there is a manifest to read. Of the pipeline's door it takes this alone, and so does the build. */
export { readManifest } from '@tidegate/pipeline';
