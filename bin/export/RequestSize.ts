/** Characters of documents that one response is to have, about. */
const RESPONSE_CHARACTERS = 2 * 1024 * 1024;
const FIRST_IDS = 200;

/** How many documents to request at once: as many as make a response of a good size. */
export class RequestSize {
  ids: number;

  constructor(private readonly max: number) {
    this.ids = Math.min(FIRST_IDS, max);
  }

  /** @param characters of so many documents */
  learn(characters: number, documents: number): void {
    if (documents === 0) return;
    const fitting = Math.floor((RESPONSE_CHARACTERS * documents) / characters);
    this.ids = Math.min(Math.max(1, fitting), this.ids * 2, this.max);
  }
}
