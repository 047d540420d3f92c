import type { JSX } from 'preact';

import { useLanguage } from '../words/language.js';

/** How many of each kind a plugin brings; a kind that the page does not know keeps its own name. */
export function ContributionCounts({ counts }: { counts: Record<string, number> }): JSX.Element | null {
  const { words } = useLanguage();
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  if (some.length === 0) return null;
  return (
    <ul class="counts">
      {some.map(([kind, count]) => {
        const [one, many] = (Object.hasOwn(words.kinds, kind) ? words.kinds[kind] : undefined) ?? [kind, kind];
        return (
          <li key={kind}>
            <b>{count}</b> {count === 1 ? one : many}
          </li>
        );
      })}
    </ul>
  );
}
