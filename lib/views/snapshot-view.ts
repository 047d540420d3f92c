import type { Notice } from '../discovery/plugin-source.js';
import type { ViewFilter } from '../extensions/view-filters.extension.js';
import type { Contributor } from '../host/collect.js';
import type { Candidate } from '../loading/candidate.js';
import { describeThrown } from '../plugin/printable.js';
import { assetOwners, type AssetOwners } from './asset-files.js';
import type { AssetTagOptions } from './asset-tags.js';
import { placeSlots, type PlacedPiece, type SlotKind } from './slots.js';
import { FUNCTION_NAMES, templateFunctions } from './template-functions.js';
import { TemplateFolders } from './template-folders.js';
import { ViewContexts } from './view-context.js';
import type { TemplateSource, ViewEngine, ViewEnvironment } from './view-engine.js';
import { claimFilters, type ClaimedFilters } from './view-filters.js';

type Values = Readonly<Record<string, unknown>>;

/** What the pages of all snapshots have in common. */
export interface ViewParts {
  /** @throws Error where it is not installed */
  engine(): ViewEngine;
  /** The application's folders of templates. */
  folders(): readonly string[];
  readonly cache: boolean;
  /** Where what was found of a plugin's templates is kept. */
  templatesOf(candidate: Candidate): Map<string, TemplateSource>;
  readonly filters: Readonly<Record<string, ViewFilter>>;
  /** For a filter that no plugin of the snapshot has. */
  absentFilter(name: string): ViewFilter | undefined;
  tag(owners: AssetOwners, plugin: string, file: string, options: AssetTagOptions, request: object | undefined): string;
  emitConfig(name: string): unknown;
  emitEvent(name: string, ...args: readonly unknown[]): string;
  tell(level: 'warn' | 'error', text: string): void;
}

/** Renders pages with the plugins of one snapshot. Its environment is built for the first page. */
export class SnapshotView {
  readonly owners: AssetOwners;
  readonly #slots: ReadonlyMap<string, readonly PlacedPiece[]>;
  readonly #contexts: ViewContexts;
  #claimed: ClaimedFilters | undefined;
  #folders: TemplateFolders | undefined;
  #environment: ViewEnvironment | undefined;
  /** The page that is being rendered: rendering does not wait, so there is one at a time. */
  #page: { readonly request: object | undefined; values: Values } | undefined;
  readonly #open = new Set<PlacedPiece>();

  constructor(
    private readonly plugins: readonly Contributor[],
    private readonly parts: ViewParts,
  ) {
    this.owners = assetOwners(plugins);
    this.#slots = placeSlots(plugins);
    this.#contexts = new ViewContexts(plugins, FUNCTION_NAMES, (level, text) => parts.tell(level, text));
  }

  /**
   * What to tell of plugins that want the same names.
   * @throws Error where the engine that they need is not installed
   */
  notices(): readonly Notice[] {
    const needEngine = this.plugins.some(({ draft }) => draft.viewFilters.size > 0 || draft.slots.size > 0);
    return [...this.#contexts.notices, ...(needEngine ? this.#filters().notices : [])];
  }

  /** @throws Error where there is no such template, or where it throws */
  render(template: string, context: Values, request: object | undefined): string {
    return this.#onPage(request, (values) => {
      const environment = this.#rendering();
      if (!this.#folders?.find(template))
        throw new Error(
          `There is no template "${template}", neither in ${this.parts.folders().join(', ')} nor in the folder "templates" of an enabled plugin.`,
        );
      return environment.render(template, { ...values, ...context });
    });
  }

  /** What one plugin's template throws is logged, and leaves only that piece out. */
  emitSlot(name: string, context: Values, kind: SlotKind): string {
    const pieces = (this.#slots.get(name) ?? []).filter((piece) => kind === 'all' || piece.kind === kind);
    if (pieces.length === 0) return '';
    return this.#onPage(undefined, (values) => {
      const all = { ...values, ...context };
      return pieces.map((piece) => this.#renderPiece(name, piece, all)).join('');
    });
  }

  emitAssets(plugin: string, file: string, options: AssetTagOptions): string {
    return this.parts.tag(this.owners, plugin, file, options, this.#page?.request);
  }

  /** Within another page, its request and values count. */
  #onPage(request: object | undefined, work: (values: Values) => string): string {
    const outer = this.#page;
    if (outer && (request === undefined || request === outer.request)) return work(outer.values);
    const page = { request, values: {} as Values };
    this.#page = page;
    try {
      page.values = this.#contexts.valuesFor(request);
      return work(page.values);
    } finally {
      this.#page = outer;
    }
  }

  #renderPiece(slot: string, piece: PlacedPiece, values: Values): string {
    if (this.#open.has(piece)) return ''; // it asks for the slot that it is in
    this.#open.add(piece);
    try {
      const { id, text, kind } = piece;
      const environment = this.#rendering();
      return kind === 'file' ? environment.render(id, values) : environment.renderText({ id, text }, values);
    } catch (thrown) {
      this.parts.tell(
        'error',
        `${piece.plugin}: its part of the slot "${slot}" was left out: ${describeThrown(thrown)}`,
      );
      return '';
    } finally {
      this.#open.delete(piece);
    }
  }

  #rendering(): ViewEnvironment {
    if (this.#environment) return this.#environment;
    const engine = this.parts.engine();
    const owners = this.plugins.flatMap(({ candidate }) => {
      const folder = this.owners.get(candidate.name);
      return folder === undefined ? [] : [{ name: candidate.name, folder, known: this.parts.templatesOf(candidate) }];
    });
    const folders = new TemplateFolders(this.parts.folders(), owners, engine.extensions, this.parts.cache);
    const { filters } = this.#filters();
    this.#folders = folders;
    this.#environment = engine.createEnvironment({
      find: (name, from) => folders.find(name, from),
      functions: templateFunctions(
        {
          emitSlot: (name, context, kind) => this.emitSlot(name, context, kind),
          emitAssets: (plugin, file, options) => this.emitAssets(plugin, file, options),
          emitConfig: (name) => this.parts.emitConfig(name),
          emitEvent: (name, ...args) => this.parts.emitEvent(name, ...args),
        },
        (html) => engine.markSafe(html),
      ),
      filter: (name) => filters.get(name) ?? this.parts.absentFilter(name),
      cache: this.parts.cache,
    });
    return this.#environment;
  }

  #filters(): ClaimedFilters {
    this.#claimed ??= claimFilters(this.plugins, this.parts.engine().filterNames ?? [], this.parts.filters);
    return this.#claimed;
  }
}
