import { query, task, workflow, NonRetryableError } from 'dfns';
import { z } from 'zod';

const Progress = z.object({ done: z.int(), failed: z.int(), total: z.int() });
export const progress = query('progress', { output: Progress });

/** Makes one thumbnail: a picture that cannot be read stays so, everything else is tried again. */
export const makeThumbnail = task(
  { name: 'make-thumbnail', retry: { maxAttempts: 4, initial: '50ms' }, timeout: '1m' },
  async (picture: string, t): Promise<void> => {
    if (picture.endsWith('.txt')) throw new NonRetryableError(`${picture} is no picture.`);
    if (t.attempt === 1 && picture.endsWith('7.jpg')) throw new Error('The disk is busy.');
  },
);

const Report = Progress.omit({ total: true }).extend({ unreadable: z.array(z.string()) });

/**
 * Thumbnails of a whole library: 200 at a time, each recorded when it is there, so that a crash costs those in hand and
 * no more. One that fails for good does not stop the others.
 */
export const thumbnails = workflow(
  { name: 'thumbnails', input: z.array(z.string()), output: Report, queries: [progress] },
  async (ctx, pictures) => {
    let done = 0;
    let failed = 0;
    ctx.on(progress, () => ({ done, failed, total: pictures.length }));

    const failures = await ctx.map(
      pictures,
      async (picture, _, ctx) => {
        try {
          await ctx.run(makeThumbnail, picture);
          done++;
        } catch (error) {
          failed++;
          throw error;
        }
      },
      { concurrency: 200, onError: 'collect', results: 'none' },
    );
    return { done, failed, unreadable: failures.map(({ index }) => pictures[index]!) };
  },
);
