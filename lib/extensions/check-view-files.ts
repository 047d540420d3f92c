import path from 'node:path';

import { fileInside, isLinkOutOf } from '../discovery/file-inside.js';
import { errorOf, type Candidate } from '../loading/candidate.js';
import type { PluginError } from '../plugin/plugin-error.js';
import type { ModuleDraft } from './module-draft.js';

/** The folder of a plugin whose templates are found by their names. */
export const TEMPLATES = 'templates';
/** The folder of a plugin whose files are served. */
export const STATIC = 'static';

/**
 * Checks that the template files of a plugin's slots are there, and that no folder of its views is a link to somewhere else.
 * @throws PluginError TEMPLATE_NOT_FOUND with every file that is missing, PATH_ESCAPE
 */
export function checkViewFiles(candidate: Candidate, { slots }: ModuleDraft): void {
  const { source } = candidate;
  const files = [...slots].flatMap(([slot, { kind, text }]) => (kind === 'file' ? [{ slot, name: text }] : []));
  if (source.origin === 'inline') {
    const [file] = files;
    if (!file) return;
    throw errorOf(candidate, 'TEMPLATE_NOT_FOUND', {
      detail: `slots: "${file.name}" for "${file.slot}", and a plugin that is a value has no folder`,
      hint: 'Give the template itself, as { html }, or make the plugin a folder.',
      field: 'slots',
    });
  }
  for (const name of [TEMPLATES, STATIC])
    if (isLinkOutOf(source.folder, name))
      throw errorOf(candidate, 'PATH_ESCAPE', {
        detail: `the folder ${name} is a link to somewhere else`,
        hint: 'Put the files into the folder of the plugin.',
        file: path.join(source.folder, name),
      });

  const templates = path.join(source.folder, TEMPLATES);
  const missing: string[] = [];
  for (const { slot, name } of files) {
    const found = fileInside(templates, name);
    if (found === 'escapes') throw escapes(candidate, slot, name);
    if (found === 'missing') missing.push(`"${name}" for "${slot}"`);
  }
  if (missing.length === 0) return;
  throw errorOf(candidate, 'TEMPLATE_NOT_FOUND', {
    detail: `slots: ${missing.join(', ')}`,
    hint: `Put the file below ${templates}, or correct its path, which begins there.`,
    file: templates,
    field: 'slots',
  });
}

function escapes(candidate: Candidate, slot: string, name: string): PluginError {
  return errorOf(candidate, 'PATH_ESCAPE', {
    detail: `slots: "${name}" for "${slot}" leads out of ${TEMPLATES}`,
    hint: `Name a file below the folder ${TEMPLATES} of the plugin.`,
    field: 'slots',
  });
}
