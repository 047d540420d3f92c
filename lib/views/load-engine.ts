import { createRequire } from 'node:module';

import { EtaEngine, ETA_ENDINGS } from './eta.engine.js';
import { NunjucksEngine, NUNJUCKS_ENDINGS } from './nunjucks.engine.js';
import type { ViewEngine } from './view-engine.js';

/**
 * Makes the engine that the application chose. Its package is loaded here, when the first page is rendered: at once, since pages are.
 * @throws Error telling how to install it
 */
export function loadEngine(chosen: 'nunjucks' | 'eta' | ViewEngine): ViewEngine {
  if (typeof chosen !== 'string') return chosen;
  const library = requirePeer(chosen);
  return chosen === 'eta'
    ? new EtaEngine(library as ConstructorParameters<typeof EtaEngine>[0])
    : new NunjucksEngine(library as ConstructorParameters<typeof NunjucksEngine>[0]);
}

/** How its template files end; for this it need not be loaded. */
export function endingsOf(chosen: 'nunjucks' | 'eta' | ViewEngine): readonly string[] {
  if (typeof chosen !== 'string') return chosen.extensions;
  return chosen === 'eta' ? ETA_ENDINGS : NUNJUCKS_ENDINGS;
}

function requirePeer(name: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch (cause) {
    throw new Error(
      `Pages are rendered by ${name}, which is not installed. Run "npm install ${name}", or name another engine in the option "views.engine".`,
      { cause },
    );
  }
}
