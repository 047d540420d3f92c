import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Longest first, so that what lies below one is not cut by another. */
type Places = readonly (readonly [place: string, shown: string])[];

/**
 * Makes a function that leaves no absolute path in a text: below the working directory and the folders of plugins it shows
 * the way from there, of any other path the last name.
 */
export function pathsRemover(folders: Readonly<Record<string, string>>): (text: string) => string {
  const places: Places = Object.entries({ [process.cwd()]: '.', ...folders })
    .filter(([place]) => place.length > 1)
    .toSorted(([a], [b]) => b.length - a.length);
  const roots = topFolders();
  return (text) => {
    let shown = text.replaceAll(/file:\/\/(?=\/)/g, '');
    for (const [place, name] of places) shown = replacePlace(shown, place, name);
    return shown
      .replaceAll(
        /(?<![\w.~<>/-])\/([^/\s'"`():,;]+)(?:\/[^/\s'"`():,;]+)*\/([^/\s'"`():,;]+)/g,
        (found, top: string, last: string) => (roots.has(top) ? `…/${last}` : found),
      )
      .replaceAll(/\b[A-Za-z]:\\(?:[^\\\s'"`():,;]+\\)*([^\\\s'"`():,;]+)/g, '…\\$1');
  };
}

function replacePlace(text: string, place: string, name: string): string {
  return text.split(place).reduce((before, after) => {
    // Only where the path ends, or goes on below: /srv/app is not the beginning of /srv/app-2.
    const isWhole = after === '' || !/^[\w.-]/.test(after) || /^\.(?:\s|$)/.test(after);
    return before + (isWhole ? name : place) + after;
  });
}

/** What looks like a path and begins with none of these is the path of a route. */
function topFolders(): ReadonlySet<string> {
  try {
    return new Set(readdirSync(path.parse(process.cwd()).root));
  } catch {
    return new Set(['home', 'opt', 'srv', 'tmp', 'usr', 'var']);
  }
}
