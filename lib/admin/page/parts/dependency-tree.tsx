import type { AdminPlugin, PluginRelation } from '#lib/admin/api.js';
import type { JSX } from 'preact';

import { hrefOf } from '../place.js';
import { useLanguage } from '../words/language.js';
import { StateDot } from './state-badge.js';

type Direction = 'dependencies' | 'dependents';

/** A plugin in the tree, with those behind it; one that stands in the tree already has none, so that cycles and diamonds end. */
interface Leaf {
  readonly relation: PluginRelation;
  readonly isAbove: boolean;
  readonly leaves: readonly Leaf[];
}

/** Whom a plugin needs and who needs it, to the ends. */
export function DependencyTree({
  plugin,
  plugins,
}: {
  plugin: AdminPlugin;
  plugins: readonly AdminPlugin[];
}): JSX.Element {
  const { words } = useLanguage();
  const none = { dependencies: words.plugin.noDependencies, dependents: words.plugin.noDependents };
  const byName = new Map(plugins.map((each) => [each.name, each]));
  return (
    <section class="panel">
      <h2>{words.plugin.relations}</h2>
      {(['dependencies', 'dependents'] as const).map((direction) => (
        <div class="tree" key={direction}>
          <h3>{words.plugin[direction]}</h3>
          {plugin[direction].length === 0 ? (
            <p class="muted">{none[direction]}</p>
          ) : (
            <Branch leaves={leavesOf(plugin, direction, byName, new Set([plugin.name]))} />
          )}
        </div>
      ))}
    </section>
  );
}

function leavesOf(
  plugin: AdminPlugin | undefined,
  direction: Direction,
  byName: ReadonlyMap<string, AdminPlugin>,
  seen: Set<string>,
): Leaf[] {
  return (plugin?.[direction] ?? []).map((relation) => {
    const isAbove = seen.has(relation.name);
    seen.add(relation.name);
    const leaves = isAbove ? [] : leavesOf(byName.get(relation.name), direction, byName, seen);
    return { relation, isAbove, leaves };
  });
}

function Branch({ leaves }: { leaves: readonly Leaf[] }): JSX.Element {
  const { words } = useLanguage();
  return (
    <ul>
      {leaves.map(({ relation: { name, range, state, version }, isAbove, leaves: behind }) => (
        <li key={name}>
          <span class="leaf">
            <StateDot state={state} />
            {state === 'missing' ? <b>{name}</b> : <a href={hrefOf({ is: 'plugin', name })}>{name}</a>}
            <span class="muted">
              {version !== undefined && `${version} `}
              <code>{range}</code>
              {isAbove && behind.length === 0 && ` (${words.plugin.asAbove})`}
            </span>
          </span>
          {behind.length > 0 && <Branch leaves={behind} />}
        </li>
      ))}
    </ul>
  );
}
