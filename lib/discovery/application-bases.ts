import path from 'node:path';

/**
 * Files, existing or not, from whose folders the application's packages are looked for: its working directory first,
 * then the file that Node.js was started with.
 */
export function applicationBases(): string[] {
  const main = process.argv[1];
  return [path.resolve('package.json'), ...(main === undefined ? [] : [path.resolve(main)])];
}
