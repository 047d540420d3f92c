import { existsSync } from 'node:fs';
import path from 'node:path';

import { STATIC } from '../extensions/check-view-files.js';
import type { ModuleDraft } from '../extensions/module-draft.js';
import type { Candidate } from '../loading/candidate.js';

/** How much a plugin adds to pages; `assets` is 1 where it has files that are served. */
export function viewContributions({ source }: Candidate, draft: ModuleDraft | undefined): Record<string, number> {
  const { slots, viewFilters, viewContext } = draft ?? {};
  return {
    slots: slots?.size ?? 0,
    viewFilters: viewFilters?.size ?? 0,
    viewContext: typeof viewContext === 'function' ? 1 : Object.keys(viewContext ?? {}).length,
    assets: source.origin !== 'inline' && existsSync(path.join(source.folder, STATIC)) ? 1 : 0,
  };
}
