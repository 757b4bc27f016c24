/** What comes in pages. Nothing is asked before it is iterated over, or its first page is taken; each time it begins anew. */
export interface Pages<Entry, Page> extends AsyncIterable<Entry> {
  /** One page alone, the first of the query. Its `next` leads on, while `more` says that there may be more. */
  page(): Promise<Page>;
  /** Page by page: a page may be empty and have more behind it. */
  pages(): AsyncIterable<Page>;
}

/** How a kind of pages is read. */
interface Reading<Query, Page, Entry> {
  ask(query: Query): Promise<Page>;
  /** The query of the page behind this one. */
  onward(query: Query, page: Page): Query;
  entries(page: Page): Iterable<Entry>;
}

export function createPages<Query, Page extends { readonly more: boolean }, Entry>(
  first: Query,
  { ask, onward, entries }: Reading<Query, Page, Entry>,
): Pages<Entry, Page> {
  async function* pages() {
    for (let query = first; ; ) {
      const page = await ask(query);
      yield page;
      if (!page.more) return;
      query = onward(query, page);
    }
  }
  return {
    page: () => ask(first),
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const page of pages()) yield* entries(page);
    },
  };
}
