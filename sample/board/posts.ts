import { Injectable, NotFoundException } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import type { Low } from 'lowdb';
import type { PluginEvents } from 'nestjs-pluginkit';
import type { settings } from '../settings.js';
import { BoardIsFull } from './board-is-full.js';
import { DataFiles } from './data-files.js';
import type { NewPost } from './new-post.js';
import type { Post } from './post.js';
import { seedPosts } from './seed-posts.js';

interface BoardFile {
  posts: Post[];
}

@Injectable()
export class Posts {
  readonly #db: Low<BoardFile>;

  constructor(
    db: Low<BoardFile>,
    private readonly events: PluginEvents,
    private readonly room: number,
  ) {
    this.#db = db;
  }

  static async open(
    this: void,
    files: DataFiles,
    events: PluginEvents,
    { room }: ConfigType<typeof settings>,
  ): Promise<Posts> {
    return new Posts(await files.openBoard<BoardFile>({ posts: seedPosts(new Date()) }), events, room);
  }

  /** Newest first. */
  all(): Post[] {
    return this.#db.data.posts.toSorted((a, b) => b.created.localeCompare(a.created) || b.id - a.id);
  }

  /** @throws NotFoundException when nobody has pinned such a post */
  get(id: number): Post {
    const post = this.#db.data.posts.find((each) => each.id === id);
    if (!post) throw new NotFoundException(`There is no post ${id}`);
    return post;
  }

  /** @throws BoardIsFull */
  async add({ title, body, author }: NewPost): Promise<Post> {
    const { posts } = this.#db.data;
    if (posts.length >= this.room) throw new BoardIsFull(this.room);
    const id = Math.max(0, ...posts.map((post) => post.id)) + 1;
    const post = { id, title, body, author, created: new Date().toISOString() };
    posts.push(post);
    await this.#db.write();
    this.events.emit('post.added', post);
    return post;
  }
}
