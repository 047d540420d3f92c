import path from 'node:path';

import type { Logger } from '@nestjs/common';

import { describeThrown, printable } from '../plugin/printable.js';
import { watchMarkers, type MarkerWatch } from '../state/watch-markers.js';
import type { PluginRegistry } from './plugin.registry.js';
import type { StateChange } from './state-change.js';

/** How long a new folder must be quiet before it is taken for a plugin, in ms: it may still be copied. */
const QUIET = 300;

/** What helps where the system has no more watches to give, by the code of its error. */
const CURES: ReadonlyMap<unknown, string> = new Map([
  ['ENOSPC', 'raise fs.inotify.max_user_watches with sysctl'],
  ['EMFILE', 'raise fs.inotify.max_user_instances with sysctl, or the limit of open files with ulimit -n'],
]);

/** Brings the running application to what other processes write: markers in plugin folders, and new plugin folders. */
export function followMarkers(
  registry: PluginRegistry,
  directories: readonly string[],
  logger: Pick<Logger, 'log' | 'warn' | 'error'>,
): MarkerWatch {
  const report = (changes: readonly StateChange[]): void => {
    for (const { plugin, state, applied, reason } of changes)
      if (applied !== 'unchanged')
        logger.log(
          `${plugin} is ${state} by its folder${applied === 'live' ? '' : `, from the next start on: ${reason ?? ''}`}`,
        );
  };
  const fail = (error: unknown): void => logger.error(describeThrown(error));
  let timer: NodeJS.Timeout | undefined;
  const parents = new Set(directories.map((directory) => path.resolve(directory)));
  const folders = registry
    .all()
    .flatMap(({ folder }) => (folder !== undefined && !parents.has(path.dirname(folder)) ? [folder] : []));
  const watch = watchMarkers(directories, folders, {
    ready: () => void registry.followAll().then(report, fail),
    changed: (folder) => {
      const plugin = registry.all().find((each) => each.folder === folder);
      if (plugin) void registry.follow(plugin.name).then((change) => report([change]), fail);
    },
    appeared: () => {
      clearTimeout(timer);
      timer = setTimeout(() => void registry.discover().then(report, fail), QUIET);
    },
    failed: (error) =>
      logger.warn(
        `Marker files are not watched: ${printable(describeThrown(error))}. To have them watched, ${cureOf(error)}, and start again; until then plugins can be switched by PluginRegistry, and markers hold from the next start on.`,
      ),
  });
  return {
    stop: () => {
      clearTimeout(timer);
      return watch.stop();
    },
  };
}

function cureOf(error: unknown): string {
  return CURES.get(Reflect.get(Object(error) as object, 'code')) ?? 'mend that';
}
