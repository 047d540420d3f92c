import { Controller, Get } from '@nestjs/common';
import { Posts } from '../../board/posts.js';
import { Comments } from '../comments/comments.js';

interface Stats {
  readonly posts: number;
  readonly comments: number;
  readonly authors: number;
  /** The title of the post with the most comments; missing while there are none. */
  readonly mostDiscussed?: string;
}

@Controller('stats')
export class StatsController {
  constructor(
    private readonly posts: Posts,
    private readonly comments: Comments,
  ) {}

  @Get()
  stats(): Stats {
    const posts = this.posts.all();
    const comments = this.comments.all();
    const [loudest] = posts.toSorted((a, b) => this.comments.of(b.id).length - this.comments.of(a.id).length);
    return {
      posts: posts.length,
      comments: comments.length,
      authors: new Set([...posts, ...comments].map(({ author }) => author)).size,
      ...(loudest && comments.length > 0 && { mostDiscussed: loudest.title }),
    };
  }
}
