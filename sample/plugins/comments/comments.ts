import { Injectable } from '@nestjs/common';
import type { Low } from 'lowdb';
import { DataFiles } from '../../board/data-files.js';
import type { NewComment } from './new-comment.js';

export interface Comment {
  readonly id: number;
  readonly postId: number;
  readonly author: string;
  readonly text: string;
  /** ISO 8601, UTC. */
  readonly created: string;
}

interface CommentsFile {
  comments: Comment[];
}

/** The comments of all posts; exported, so that plugins which depend on this one can inject it. */
@Injectable()
export class Comments {
  readonly #db: Low<CommentsFile>;

  constructor(db: Low<CommentsFile>) {
    this.#db = db;
  }

  static async open(files: DataFiles): Promise<Comments> {
    return new Comments(await files.openBeside<CommentsFile>('comments', { comments: [] }));
  }

  all(): readonly Comment[] {
    return this.#db.data.comments;
  }

  /** Oldest first: a conversation is read downwards. */
  of(postId: number): Comment[] {
    return this.all().filter((comment) => comment.postId === postId);
  }

  async add(postId: number, { author, text }: NewComment): Promise<Comment> {
    const id = (this.all().at(-1)?.id ?? 0) + 1;
    const comment = { id, postId, author, text, created: new Date().toISOString() };
    this.#db.data.comments.push(comment);
    await this.#db.write();
    return comment;
  }
}
