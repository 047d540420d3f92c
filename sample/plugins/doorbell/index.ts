import { definePlugin } from 'nestjs-pluginkit';
import { Doorbell } from './doorbell.js';

export default definePlugin({ name: 'doorbell', register: () => ({ providers: [Doorbell] }) });
