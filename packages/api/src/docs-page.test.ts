import test from 'ava';
import { BINDINGS, type Binding } from '@dfnsjs/client/http';
import { docsPage } from './docs-page.ts';
import { openApi } from './openapi.ts';

test('the page for people names every route, and runs nothing', t => {
  const page = docsPage(openApi('1'));
  for (const { path } of Object.values<Binding>(BINDINGS))
    t.true(page.includes(path.replaceAll(/:(\w+)/g, '{$1}')), path);
  t.notRegex(page, /<script|https?:\/\/|onload/);
});
