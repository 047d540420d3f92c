import { Controller, Get, Inject, Param, ParseIntPipe, StreamableFile } from '@nestjs/common';
import { renderSVG } from 'uqr';
import { LINKS, type Links, POSTS, type Posts } from './board.js';

@Controller()
export class QrController {
  constructor(
    @Inject(POSTS) private readonly posts: Posts,
    @Inject(LINKS) private readonly links: Links,
  ) {}

  @Get(':postId.svg')
  code(@Param('postId', ParseIntPipe) postId: number): StreamableFile {
    const { id } = this.posts.get(postId);
    const svg = renderSVG(this.links.absolute(`/posts/${id}`), { border: 2 });
    // Carries its type only when there is a code; @Header() would mark the JSON of a 404 as a picture, too.
    return new StreamableFile(Buffer.from(svg), { type: 'image/svg+xml' });
  }
}
