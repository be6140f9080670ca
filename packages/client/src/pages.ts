interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor?: string | undefined;
}

/** All items of all pages, each page asked for when its first item is. */
export async function* readPages<Item, Read>(
  page: (cursor: string | undefined) => Promise<Page<Item>>,
  read: (item: Item) => Read,
): AsyncGenerator<Read, void, undefined> {
  let cursor: string | undefined;
  do {
    const { items, cursor: next } = await page(cursor);
    for (const item of items) yield read(item);
    cursor = next;
  } while (cursor !== undefined);
}
