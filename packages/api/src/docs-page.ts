import type { OpenApi, OpenApiOperation } from './openapi.ts';

/** The routes for people: one page, no scripts. */
export function docsPage({ info, paths }: OpenApi): string {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => routeOf(method, path, operation)),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(info.title)} HTTP API</title>
<link rel="stylesheet" href="docs.css">
<h1>${text(info.title)} HTTP API</h1>
<p>${text(info.description)}</p>
<p>Version ${text(info.version)}. For machines: <a href="openapi.json">openapi.json</a>.</p>
${routes.join('\n')}
</html>
`;
}

function routeOf(
  method: string,
  path: string,
  { operationId, summary, tags, parameters = [], ...rest }: OpenApiOperation,
) {
  const names = parameters.flatMap(({ name, in: where }) =>
    typeof name === 'string' ? [`<li><code>${text(name)}</code> in ${text(String(where))}</li>`] : [],
  );
  const body = rest.requestBody
    ? `<details><summary>Body</summary><pre>${text(JSON.stringify(rest.requestBody, null, 2))}</pre></details>`
    : '';
  return `<section id="${text(operationId)}">
<h2><b>${text(method.toUpperCase())}</b> <code>${text(path)}</code> <i>${text(tags.join(', '))}</i></h2>
<p>${text(summary)}</p>
${names.length > 0 ? `<ul>${names.join('')}</ul>` : ''}
${body}
<details><summary>Answers</summary><pre>${text(JSON.stringify(rest.responses, null, 2))}</pre></details>
</section>`;
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export const DOCS_STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 0.25rem; }
h2 i { font-weight: normal; opacity: 0.7; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { overflow: auto; padding: 0.75rem; border: 1px solid color-mix(in srgb, currentcolor 25%, transparent); }
p, ul { margin: 0.25rem 0; }
`;
