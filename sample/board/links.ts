import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { PluginRegistry } from 'nestjs-pluginkit';
import { settings } from '../settings.js';
import { BOARD_LINKS, type BoardLink, POST_LINKS, type PostLink } from './extension-points.js';
import type { Post } from './post.js';

/** The board's addresses: its own, and those that plugins bring. */
@Injectable()
export class Links {
  readonly #publicUrl: string;

  constructor(
    @Inject(settings.KEY) board: ConfigType<typeof settings>,
    private readonly registry: PluginRegistry,
  ) {
    this.#publicUrl = board.publicUrl;
  }

  /** The address under which the world reaches a path of the board. */
  absolute(path: string): string {
    return new URL(path, this.#publicUrl).href;
  }

  navigation(): readonly BoardLink[] {
    return this.registry.extensions<BoardLink>(BOARD_LINKS);
  }

  of(post: Post): BoardLink[] {
    return this.registry.extensions<PostLink>(POST_LINKS).map(({ label, path }) => ({ label, href: path(post.id) }));
  }
}
