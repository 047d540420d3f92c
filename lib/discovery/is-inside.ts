import path from 'node:path';

/** Tells whether a path is the folder itself or lies below it; both must be real paths. */
export function isInside(folder: string, target: string): boolean {
  if (target.startsWith(`${folder}${path.sep}`)) return true; // most are; the rest takes longer
  const way = path.relative(folder, target);
  return way === '' || (!way.startsWith(`..${path.sep}`) && way !== '..' && !path.isAbsolute(way));
}
