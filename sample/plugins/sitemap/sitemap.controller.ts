import { Controller, Get, Header } from '@nestjs/common';
import { SitemapStream, streamToPromise } from 'sitemap';
import { Links } from '../../board/links.js';
import { Posts } from '../../board/posts.js';

@Controller()
export class SitemapController {
  constructor(
    private readonly posts: Posts,
    private readonly links: Links,
  ) {}

  @Get('sitemap.xml')
  @Header('content-type', 'application/xml; charset=utf-8')
  async sitemap(): Promise<string> {
    const stream = new SitemapStream({ hostname: this.links.absolute('/') });
    stream.write({ url: '/' });
    for (const post of this.posts.all()) stream.write({ url: `/posts/${post.id}`, lastmod: post.created });
    stream.end();
    return (await streamToPromise(stream)).toString();
  }

  @Get('robots.txt')
  @Header('content-type', 'text/plain; charset=utf-8')
  robots(): string {
    return `User-agent: *\nSitemap: ${this.links.absolute('/sitemap.xml')}\n`;
  }
}
