import { Controller, Get, NotFoundException, Redirect } from '@nestjs/common';
import { Posts } from '../../board/posts.js';

const DAY = 86_400_000;

@Controller('spotlight')
export class SpotlightController {
  constructor(private readonly posts: Posts) {}

  /** Leads to another note every day, to the same one all day long. */
  @Get()
  @Redirect()
  today(): { url: string } {
    const posts = this.posts.all();
    const post = posts[Math.floor(Date.now() / DAY) % posts.length];
    if (!post) throw new NotFoundException('The board is empty');
    return { url: `/posts/${post.id}` };
  }
}
