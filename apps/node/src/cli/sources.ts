import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Runs `load` and gives the files of the user's own that were imported meanwhile, also where it throws. */
export async function recordSources<T>(sources: Set<string>, load: () => Promise<T>): Promise<T> {
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith('file:') && !url.includes('/node_modules/')) sources.add(fileURLToPath(url));
      return nextLoad(url, context);
    },
  });
  try {
    return await load();
  } finally {
    hooks.deregister();
  }
}
