import { randomUUID } from 'node:crypto';
import path from 'node:path';

import type { JournalPlaces } from './boot-journal.js';
import { journalIn } from './quarantine.js';

/** In a process that only tries a start out: the folder for what it writes down. */
export const PREFLIGHT_VARIABLE = 'PLUGINKIT_PREFLIGHT';
/** Set where plugins are to run one after the other. */
export const CAREFUL_VARIABLE = 'PLUGINKIT_CAREFUL';

/**
 * Where the journal is kept.
 * @param journal the option: a file, or whether there is to be one beside the plugins
 */
export function journalPlaces(
  journal: boolean | string,
  [directory]: readonly string[],
  env = process.env,
): JournalPlaces {
  const beside = directory === undefined ? undefined : journalIn(directory);
  const preflight = env[PREFLIGHT_VARIABLE];
  return {
    journal: typeof journal === 'string' ? path.resolve(journal) : journal ? beside : undefined,
    bootFile: preflight ? path.join(preflight, `${randomUUID()}.boot`) : undefined,
    isCareful: env[CAREFUL_VARIABLE] === '1',
  };
}
