import { Body, Controller, Get, Param, ParseIntPipe, Post as HttpPost } from '@nestjs/common';
import { NewPost } from './new-post.js';
import type { Post } from './post.js';
import { Posts } from './posts.js';

@Controller('api/posts')
export class PostsController {
  constructor(private readonly posts: Posts) {}

  @Get()
  all(): Post[] {
    return this.posts.all();
  }

  @Get(':id')
  one(@Param('id', ParseIntPipe) id: number): Post {
    return this.posts.get(id);
  }

  @HttpPost()
  add(@Body() post: NewPost): Promise<Post> {
    return this.posts.add(post);
  }
}
