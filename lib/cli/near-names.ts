/** The names that somebody may have meant: those that a few keys away, nearest first, three at the most. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  return known
    .map((each) => ({ each, distance: distance(wanted, each.toLowerCase()) }))
    .filter(({ each, distance: way }) => way <= Math.max(1, Math.floor(wanted.length / 3)) || isPart(wanted, each))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ each }) => each);
}

function isPart(wanted: string, name: string): boolean {
  return wanted.length > 2 && name.toLowerCase().includes(wanted);
}

/** How many keys must be struck to get from one word to another: insert, delete, replace, swap two neighbours. */
function distance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Math.max(i, j);
  for (let j = 1; j <= b.length; j++) {
    for (let i = 0; i <= a.length; i++) {
      const row = rows[i] ?? [];
      if (i === 0) row[j] = j;
      else {
        const isSame = a[i - 1] === b[j - 1];
        const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
        row[j] = Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (isSame ? 0 : 1),
          isSwap ? at(i - 2, j - 2) + 1 : Infinity,
        );
      }
    }
  }
  return at(a.length, b.length);
}
