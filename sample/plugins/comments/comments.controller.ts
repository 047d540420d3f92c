import { Body, Controller, Get, Param, ParseIntPipe, Post, Redirect, UseFilters } from '@nestjs/common';
import { PageErrors } from '../../board/pages/page-errors.filter.js';
import { Posts } from '../../board/posts.js';
import { type Comment, Comments } from './comments.js';
import { NewComment } from './new-comment.js';

// The plugin's prefix, '/comments', comes before these paths.
@Controller()
export class CommentsController {
  constructor(
    private readonly comments: Comments,
    private readonly posts: Posts,
  ) {}

  @Get(':postId')
  of(@Param('postId', ParseIntPipe) postId: number): Comment[] {
    return this.comments.of(this.posts.get(postId).id);
  }

  @Post(':postId')
  add(@Param('postId', ParseIntPipe) postId: number, @Body() comment: NewComment): Promise<Comment> {
    return this.comments.add(this.posts.get(postId).id, comment);
  }

  /** What the form on a post's page sends: the browser goes back to that page. */
  @Post(':postId/form')
  @Redirect('/', 303)
  @UseFilters(PageErrors)
  async addByForm(
    @Param('postId', ParseIntPipe) postId: number,
    @Body() comment: NewComment,
  ): Promise<{ url: string }> {
    await this.add(postId, comment);
    return { url: `/posts/${postId}#comments` };
  }
}
