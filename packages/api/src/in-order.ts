/** What is begun and not given yet: at most so many, of at most so much weight together (one at least). */
export interface Room {
  readonly count: number;
  readonly weight: number;
}

export interface Begun<T> {
  readonly weight: number;
  /** Never rejects. */
  readonly result: Promise<T>;
}

/**
 * Begins something for each item and gives the results in the order of the items, each as soon as it and those before
 * it are there. Reads an item only while there is room, so that whoever takes the results slowly slows down whoever
 * brings the items. Where these end with an error, the results of those before it come first.
 */
export async function* inOrder<Item, T>(
  items: AsyncIterable<Item>,
  begin: (item: Item) => Begun<T>,
  room: Room,
): AsyncGenerator<T, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  const begun: Begun<T>[] = [];
  let weight = 0;
  const read = () =>
    iterator.next().then(
      ({ done, value }) => (done ? ({ end: true } as const) : { item: value }),
      (error: unknown) => ({ end: true, error }) as const,
    );
  let reading: ReturnType<typeof read> | undefined = read();
  let failure: { readonly error: unknown } | undefined;
  try {
    while (reading || begun.length > 0) {
      const hasRoom = begun.length === 0 || (begun.length < room.count && weight < room.weight);
      const first = begun[0]?.result.then(result => ({ result }));
      const next = reading && hasRoom ? (first ? Promise.race([first, reading]) : reading) : first!;
      const happened = await next;
      if ('result' in happened) {
        weight -= begun.shift()!.weight;
        yield happened.result;
      } else if ('item' in happened) {
        const each = begin(happened.item);
        begun.push(each);
        weight += each.weight;
        reading = read();
      } else {
        reading = undefined;
        if ('error' in happened) failure = { error: happened.error };
      }
    }
    if (failure) throw failure.error;
  } finally {
    // Nobody takes the rest: nothing more is read.
    if (reading) void iterator.return?.()?.catch(() => undefined);
  }
}
