import { definePlugin } from 'nestjs-pluginkit';
import { QrController } from './qr.controller.js';

// A plugin that comes as a package: it knows the board by the names of its services and points only.
export default definePlugin({
  name: 'qr',
  register: () => ({
    prefix: '/qr',
    controllers: [QrController],
    extensions: { 'board.post-links': [{ label: 'QR code', path: (postId: number) => `/qr/${postId}.svg` }] },
  }),
});
