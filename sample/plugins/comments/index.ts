import { definePlugin } from 'nestjs-pluginkit';
import { DataFiles } from '../../board/data-files.js';
import { CommentDetail } from './comment-detail.js';
import { Comments } from './comments.js';
import { CommentsController } from './comments.controller.js';
import { SlowDown } from './slow-down.js';

export default definePlugin({
  name: 'comments',
  register: () => ({
    prefix: '/comments',
    controllers: [CommentsController],
    providers: [
      { provide: Comments, inject: [DataFiles], useFactory: (files: DataFiles) => Comments.open(files) },
      CommentDetail,
    ],
    exports: [Comments],
    middleware: SlowDown,
  }),
});
