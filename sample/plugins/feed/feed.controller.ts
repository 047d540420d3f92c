import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { Eta } from 'eta';
import { Feed } from 'feed';
import { Links } from '../../board/links.js';
import type { Post } from '../../board/post.js';
import { PostFormats } from '../../board/post-formats.js';
import { Posts } from '../../board/posts.js';
import { settings } from '../../settings.js';

@Controller('feed.xml')
export class FeedController {
  constructor(
    @Inject(settings.KEY) private readonly board: ConfigType<typeof settings>,
    private readonly posts: Posts,
    private readonly formats: PostFormats,
    private readonly links: Links,
  ) {}

  @Get()
  @Header('content-type', 'application/atom+xml; charset=utf-8')
  atom(): string {
    const home = this.links.absolute('/');
    const title = `${this.board.title} notice board`;
    const posts = this.posts.all().slice(0, 20);
    const updated = new Date(posts[0]?.created ?? 0);
    const feed = new Feed({ id: home, link: home, title: asHtml(title), updated, copyright: '' });
    for (const post of posts) feed.addItem(this.#entry(post));
    return feed.atom1();
  }

  #entry(post: Post): Parameters<Feed['addItem']>[0] {
    const link = this.links.absolute(`/posts/${post.id}`);
    const content = this.formats.render(post.body);
    const author = [{ name: post.author }];
    return { id: link, link, title: asHtml(post.title), content, author, date: new Date(post.created) };
  }
}

/** The library declares titles as HTML, and what somebody typed is text. */
function asHtml(text: string): string {
  return eta.config.escapeFunction(text);
}

const eta = new Eta();
