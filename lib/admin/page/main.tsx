import { render } from 'preact';

import { App } from './app.js';

// Without a slash at its end, links to places of the page would lead to another document: one that has it.
history.replaceState(null, '', new URL(location.hash, document.baseURI));

const page = document.getElementById('page');
if (page) render(<App />, page);
