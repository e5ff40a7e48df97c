/** `/opt/ml` where it begins a path, not in the middle of another one (`/mnt/opt/ml` or `/opt/mlflow` are left alone). */
const platformFolder = /(?<![\w./-])\/opt\/ml(?![\w.-])/g;

/**
 * Every path below `/opt/ml` in `text`, moved below `root`. A container has `/opt/ml` to itself; a process of this
 * machine gets a folder of its own instead, and learns its place from its environment and its arguments.
 */
export function below(root: string, text: string): string {
  return text.replace(platformFolder, `${root}/opt/ml`);
}

/** The reverse of `below`, for what people read: logs and failure reasons speak of `/opt/ml` as they do in the cloud. */
export function asInContainer(root: string, text: string): string {
  return text.replaceAll(`${root}/opt/ml`, '/opt/ml');
}
