import { Injectable, NotFoundException } from '@nestjs/common';
import type { Low } from 'lowdb';
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

  constructor(db: Low<BoardFile>) {
    this.#db = db;
  }

  static async open(files: DataFiles): Promise<Posts> {
    return new Posts(await files.openBoard<BoardFile>({ posts: seedPosts(new Date()) }));
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

  async add({ title, body, author }: NewPost): Promise<Post> {
    const { posts } = this.#db.data;
    const id = Math.max(0, ...posts.map((post) => post.id)) + 1;
    const post = { id, title, body, author, created: new Date().toISOString() };
    posts.push(post);
    await this.#db.write();
    return post;
  }
}
