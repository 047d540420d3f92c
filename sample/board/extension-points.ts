import { createExtensionPoint } from 'nestjs-pluginkit';
import type { Post } from './post.js';

/** A link in the board's navigation. */
export interface MenuItem {
  readonly label: string;
  readonly href: string;
}

/** A link on the page of each post. */
interface PostLink {
  readonly label: string;
  readonly path: (postId: number) => string;
}

// From here on the compiler knows what plugins may contribute and hear; what is wrong does not compile.
declare module 'nestjs-pluginkit' {
  interface ExtensionPoints {
    'menu.items': MenuItem;
    'board.post-links': PostLink;
  }
  interface PluginEventMap {
    /** Somebody has pinned a note. */
    'post.added': [post: Post];
    /** A page has room for a line of news: listeners return HTML. */
    'board.news': [];
  }
}

export const menuItems = createExtensionPoint('menu.items');
export const postLinks = createExtensionPoint('board.post-links');
