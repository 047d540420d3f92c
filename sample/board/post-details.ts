import { Injectable, Logger } from '@nestjs/common';
import { PluginRegistry } from 'nestjs-pluginkit';
import { type FromPlugin, OfEnabledPlugins } from './of-enabled-plugins.js';
import type { Post } from './post.js';

/** What a plugin knows about a post. */
export interface PostDetail extends FromPlugin {
  /** A few words on the note, such as "3 comments". */
  label?(post: Post): string;
  /** A part of the post's own page: HTML in which everything that people wrote is escaped. */
  section?(post: Post): string;
}

/** Collects what plugins know about a post; the board shows it without knowing the plugins. */
@Injectable()
export class PostDetails {
  readonly #logger = new Logger(PostDetails.name);
  readonly #details: OfEnabledPlugins<PostDetail>;

  constructor(registry: PluginRegistry) {
    this.#details = new OfEnabledPlugins(registry);
  }

  /** Returns its undo. */
  register(detail: PostDetail): () => void {
    return this.#details.add(detail);
  }

  labels(post: Post): string[] {
    return this.#collect((detail) => detail.label?.(post));
  }

  sections(post: Post): string[] {
    return this.#collect((detail) => detail.section?.(post));
  }

  /** One plugin that throws costs its own part of the page, not the page. */
  #collect(ask: (detail: PostDetail) => string | undefined): string[] {
    return this.#details.current().flatMap((detail) => {
      try {
        return ask(detail) ?? [];
      } catch (error) {
        this.#logger.warn(`The plugin ${detail.plugin} has nothing to say about a post: ${String(error)}`);
        return [];
      }
    });
  }
}
