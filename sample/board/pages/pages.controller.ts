import { Body, Controller, Get, Param, ParseIntPipe, Post, Redirect, Req, UseFilters } from '@nestjs/common';
import { NewPost } from '../new-post.js';
import { Posts } from '../posts.js';
import { PageErrors } from './page-errors.filter.js';
import { Pages } from './pages.js';
import { RejectedPosts } from './rejected-posts.filter.js';

@Controller()
@UseFilters(PageErrors)
export class PagesController {
  constructor(
    private readonly pages: Pages,
    private readonly posts: Posts,
  ) {}

  @Get()
  home(@Req() request: object): string {
    return this.pages.home(request);
  }

  @Get('posts/:id')
  post(@Param('id', ParseIntPipe) id: number, @Req() request: object): string {
    return this.pages.post(id, request);
  }

  // 303: reloading the page that follows must not pin the same note again.
  @Post('posts')
  @Redirect('/', 303)
  @UseFilters(RejectedPosts)
  async pin(@Body() newPost: NewPost): Promise<{ url: string }> {
    const post = await this.posts.add(newPost);
    return { url: `/posts/${post.id}` };
  }
}
