import type { Post } from './post.js';

/** Notes for a board that has none yet, pinned over the last days so that it does not look abandoned. */
export function seedPosts(now: Date): Post[] {
  return NOTES.map(({ hoursAgo, title, body, author }, index) => ({
    id: index + 1,
    title,
    body,
    author,
    created: new Date(now.getTime() - hoursAgo * 3_600_000).toISOString(),
  }));
}

const NOTES = [
  {
    hoursAgo: 151,
    title: 'Repair café in the old fire station',
    author: 'Tomás',
    body: `First Sunday of the month, 14:00 to 18:00. Bring what is broken, take home what works.

- Toasters, lamps and radios: *Ingrid*
- Bicycles: *Kofi*
- Trousers: *me, surprisingly*

Coffee is on us, cake is on whoever bakes one.`,
  },
  {
    hoursAgo: 98,
    title: 'Piano looking for a living room',
    author: 'Wanda, no. 14',
    body: `Upright, honey-coloured, **in tune since May**. It plays everything except quietly.

Free for anyone who brings three friends and a van. Ring twice, the dog answers first.`,
  },
  {
    hoursAgo: 73,
    title: 'The choir needs two tenors',
    author: 'Maple Street Choir',
    body: `One would do, if you are loud. We meet on *Tuesdays at 19:30* in the school gym and sing anything from Byrd to Björk.

Reading music is welcome, not required.`,
  },
  {
    hoursAgo: 49,
    title: 'Courgettes. So many courgettes.',
    author: 'Plot 7',
    body: `The box stands by the allotment gate. Please take some. Please take *all of them*.

> Yesterday there were eleven. Today there are nineteen.

Recipes may be left in the box.`,
  },
  {
    hoursAgo: 22,
    title: 'Lost: one very polite tortoise',
    author: 'Mina and Grandpa',
    body: `**Herbert** left through the open gate on Thursday, at his own pace. He cannot have come far.

He likes dandelions, and being addressed by name. If you meet him, please carry him home to **no. 22**.`,
  },
  {
    hoursAgo: 3,
    title: 'Thank you, whoever you are',
    author: 'Number 9, first floor',
    body: `Somebody shovelled our steps before six this morning, again. We never see you, but we see the steps.

There is a jar of plum jam behind the blue flower pot. **It is yours.**`,
  },
];
