import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { PluginRegistry } from 'nestjs-pluginkit';
import { settings } from '../settings.js';
import { type MenuItem, menuItems, postLinks } from './extension-points.js';
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

  menu(): readonly MenuItem[] {
    return this.registry.extensions(menuItems);
  }

  of(post: Post): MenuItem[] {
    return this.registry.extensions(postLinks).map(({ label, path }) => ({ label, href: path(post.id) }));
  }
}
