import { Body, Controller, ParseArrayPipe, Post } from '@nestjs/common';
import { NewPost } from '../../board/new-post.js';
import { Posts } from '../../board/posts.js';

@Controller()
export class GuestbookController {
  constructor(private readonly posts: Posts) {}

  @Post('import')
  async take(@Body(new ParseArrayPipe({ items: NewPost })) notes: NewPost[]): Promise<{ imported: number }> {
    for (const note of notes) await this.posts.add(note);
    return { imported: notes.length };
  }
}
