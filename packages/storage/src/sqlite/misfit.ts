/** What was written did not fit what is stored: the transaction must be rolled back. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
}
