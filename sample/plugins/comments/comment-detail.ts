import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { PluginView } from 'nestjs-pluginkit';
import type { Post } from '../../board/post.js';
import { type PostDetail, PostDetails } from '../../board/post-details.js';
import { Comments } from './comments.js';

/** Puts the number of comments on a note, and the conversation on its page. */
@Injectable()
export class CommentDetail implements PostDetail, OnModuleInit, OnModuleDestroy {
  readonly plugin = 'comments';
  #unregister: (() => void) | undefined;

  constructor(
    private readonly comments: Comments,
    private readonly details: PostDetails,
    private readonly view: PluginView,
  ) {}

  onModuleInit(): void {
    this.#unregister = this.details.register(this);
  }

  onModuleDestroy(): void {
    this.#unregister?.();
  }

  label({ id }: Post): string {
    const count = this.comments.of(id).length;
    return count === 1 ? '1 comment' : `${count} comments`;
  }

  section({ id }: Post): string {
    return this.view.render('comments/thread', { postId: id, comments: this.comments.of(id) });
  }
}
