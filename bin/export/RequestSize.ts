/** Approximate number of characters of documents per response. */
const RESPONSE_CHARACTERS = 2 * 1024 * 1024;
const FIRST_IDS = 200;

/** Adapts how many documents to request at once to the size of the responses. */
export class RequestSize {
  ids: number;

  constructor(private readonly max: number) {
    this.ids = Math.min(FIRST_IDS, max);
  }

  /** @param characters total size of these documents */
  learn(characters: number, documents: number): void {
    if (documents === 0) return;
    const fitting = Math.floor((RESPONSE_CHARACTERS * documents) / characters);
    this.ids = Math.min(Math.max(1, fitting), this.ids * 2, this.max);
  }
}
